package bolt_test

import (
	"testing"

	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/enginetest"
)

func BenchmarkFile(b *testing.B) {
	enginetest.Bench(b, func(b *testing.B) engine.Engine { return open(b, file(b)) })
}
