package dynamo_test

import (
	"testing"

	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
	"github.com/caretaker/caretaker/internal/store/engine/enginetest"
)

func BenchmarkLocal(b *testing.B) {
	client := local(b)
	enginetest.Bench(b, func(b *testing.B) engine.Engine { return dynamo.New(client, newTable(b, client)) })
}
