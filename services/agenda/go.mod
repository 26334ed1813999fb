module plenary.example/services/agenda

go 1.26.0

require (
	plenary.example/deployments/engines v0.0.0
	plenary.example/shared v0.0.0
)

replace plenary.example/shared => ../../shared

replace plenary.example/deployments/engines => ../../deployments/engines
