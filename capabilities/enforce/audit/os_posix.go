//go:build !windows

package audit

import (
	"errors"
	"os"
)

// modesMatter: file modes say who may read a file.
const modesMatter = true

// syncFolder makes the names in a folder durable.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
