package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	_ = os.Unsetenv("GREENGATE_TEST_POSTGRES") // storetest has read it, and the program refuses variables that it does not know
	testscript.Main(m, map[string]func(){"greengate": main})
}

// TestScripts runs the program as a shell would; every file of testdata/script is one story.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}
