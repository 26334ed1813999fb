module plenary.example/deployments/standalone

go 1.26.0

require (
	plenary.example/deployments/engines v0.0.0
	plenary.example/services/agenda v0.0.0
	plenary.example/services/delegates v0.0.0
	plenary.example/services/notifications v0.0.0
	plenary.example/shared v0.0.0
)

replace plenary.example/shared => ../../shared

replace plenary.example/deployments/engines => ../engines

replace plenary.example/services/agenda => ../../services/agenda

replace plenary.example/services/delegates => ../../services/delegates

replace plenary.example/services/notifications => ../../services/notifications
