package engines

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// makeFolder creates dir, which is private because everything is in it.
func makeFolder(dir string) error {
	if strings.ContainsAny(dir, `?#%*[\`) {
		return fmt.Errorf(`folder %s: its name must not contain ?, #, %%, *, [ or \`, dir)
	}
	return os.MkdirAll(dir, 0o700)
}

// lockFolder keeps other processes, and other Engines of this one, out of dir
// until the returned file is closed. The kernel gives the lock back however
// the process ends.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("folder %s is in use by another process: %w", dir, err)
	}
	return f, nil
}

// socketIn names a socket that only this user can reach: in dir when the path
// is short enough for a socket's address, in a folder of its own otherwise.
// The second value undoes what socketIn made.
func socketIn(dir string) (string, func() error, error) {
	const longest = 100 // an address holds 104 to 108 bytes, by system
	if path := filepath.Join(dir, "ferretdb.sock"); len(path) <= longest {
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			return "", nil, err
		}
		return path, func() error { return nil }, nil
	}
	dir, err := os.MkdirTemp("", "plenary-store-") // readable by this user only
	if err != nil {
		return "", nil, err
	}
	return filepath.Join(dir, "ferretdb.sock"), func() error { return os.RemoveAll(dir) }, nil
}
