package engine

import (
	"errors"
	"fmt"
)

// ErrUnavailable is wrapped by errors after which the outcome of a call is not known or the engine could not be
// reached. The same call may succeed later.
var ErrUnavailable = errors.New("the store is not available")

// ErrCursor says that a Query's After is damaged or was handed out for another query. It is the fault of whoever sent
// the cursor.
var ErrCursor = errors.New("the cursor is damaged or belongs to another query")

// ConditionError says which ops of a Commit had a condition that did not hold. Nothing was written.
type ConditionError struct {
	Failed []int // positions in the Commit's ops, ascending, never empty
}

func (e *ConditionError) Error() string {
	return fmt.Sprintf("condition of op %v did not hold", e.Failed)
}

// LimitError says what about a call exceeds the port's limits or is malformed. Nothing was written.
type LimitError struct{ What string }

func (e *LimitError) Error() string { return "outside the store's limits: " + e.What }
