package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secretIn returns the installation's secret, from which the delegates service
// derives its keys: base64 of 32 bytes, made on the first start and readable by
// this user only. Losing the file signs everybody out and does nothing worse.
func secretIn(dir string) (string, error) {
	path := filepath.Join(dir, "secret")
	text, err := os.ReadFile(path)
	if err == nil && len(text) > 0 {
		return strings.TrimSpace(string(text)), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the secret: %w", err)
	}
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails
	encoded := base64.StdEncoding.EncodeToString(secret[:])
	if err := replaceFile(path, []byte(encoded+"\n")); err != nil {
		return "", fmt.Errorf("keep the secret: %w", err)
	}
	return encoded, nil
}

// replaceFile writes a file so that after a crash it is the old one or the
// whole new one. Only this user can read it.
func replaceFile(path string, content []byte) error {
	next := path + ".next"
	if err := os.WriteFile(next, content, 0o600); err != nil {
		return err
	}
	return os.Rename(next, path)
}
