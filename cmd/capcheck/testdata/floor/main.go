// Command floor reads and parses the YAML files below a folder on every core, and does
// nothing else: what the speed of lint is measured against.
package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"sync"

	"gopkg.in/yaml.v3"
)

func main() {
	tree := os.DirFS(os.Args[1])
	jobs := make(chan string)
	var done sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		done.Go(func() {
			for name := range jobs {
				text, err := fs.ReadFile(tree, name)
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(3)
				}
				for dec := yaml.NewDecoder(bytes.NewReader(text)); ; {
					var root yaml.Node
					if err := dec.Decode(&root); err != nil { // the end, or a file that does not parse
						break
					}
				}
			}
		})
	}
	err := fs.WalkDir(tree, ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			jobs <- name
		}
		return err
	})
	close(jobs)
	done.Wait()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}
