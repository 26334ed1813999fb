package httpd

// KeepRevoked makes the list of what has ended hold at most n entries.
func (k *Keys) KeepRevoked(n int) { k.revoked.most = n }

// Revoked is how many entries that list has.
func (k *Keys) Revoked() int {
	k.revoked.mu.RLock()
	defer k.revoked.mu.RUnlock()
	return len(k.revoked.entries)
}
