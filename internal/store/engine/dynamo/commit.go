package dynamo

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// Commit implements engine.Engine. The package comment says how.
func (e *Engine) Commit(ctx context.Context, ops ...engine.Op) error {
	if err := engine.ValidateCommit(ops); err != nil || len(ops) == 0 {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	defer engine.Begin(ctx)()
	engine.Charge(ctx, engine.Cost{Commits: 1})
	if len(ops) > 1 {
		return e.transact(ctx, ops)
	}
	if ops[0].Kind == engine.OpCheck {
		return e.check(ctx, ops[0])
	}
	return e.write(ctx, ops[0])
}

// statement is an op in DynamoDB's terms: a put of the item, an update, or else a deletion or a check.
type statement struct {
	item      item
	update    *string
	condition *string // nil: none
	values    item    // of both expressions
}

// plan turns an op into a statement. With a token it is for an op that is committed alone.
func plan(op engine.Op, token string) statement {
	s := statement{values: item{}}
	var conditions []string
	require := func(condition string) { conditions = append(conditions, "("+condition+")") }

	switch {
	case op.Kind == engine.OpAdd:
		s.update = expression(s.values, addition(op), token)
	case op.Kind == engine.OpPut && op.Record.Version == engine.AnyVersion:
		s.update = expression(s.values, replacement(op.Record), token)
	case op.Kind == engine.OpPut:
		r := op.Record
		r.Version++
		s.item = encode(r)
		if token != "" {
			s.item[attrToken] = text(token)
		}
	}
	if c := expected(op, s.values); c != "" {
		require(c)
	}
	if s.update != nil && token != "" {
		require("attribute_not_exists(t) OR t <> :t") // a retry of what has been done already
	}
	if len(conditions) > 0 {
		joined := strings.Join(conditions, " AND ")
		s.condition = &joined
	}
	if len(s.values) == 0 {
		s.values = nil // DynamoDB refuses an empty map
	}
	return s
}

// expected is the op's condition; "" if it has none.
func expected(op engine.Op, values item) string {
	if op.Kind == engine.OpAdd {
		return countRange(op, values)
	}
	switch op.Record.Version {
	case engine.AnyVersion:
		return ""
	case 0:
		return "attribute_not_exists(pk)"
	default:
		values[":expected"] = number(op.Record.Version)
		return "v = :expected"
	}
}

// countRange is the condition of an add; an item without a count, or none at all, counts 0.
func countRange(op engine.Op, values item) string {
	lo, hi, _ := op.CountRange()
	values[":lo"], values[":hi"] = number(lo), number(hi)
	if lo <= 0 && 0 <= hi {
		return "attribute_not_exists(n) OR n BETWEEN :lo AND :hi"
	}
	return "n BETWEEN :lo AND :hi"
}

// clauses of an update expression, and the values they use.
type clauses struct {
	set, add, remove []string
	values           item
}

func addition(op engine.Op) clauses {
	return clauses{
		add:    []string{"n :delta", "v :one"},
		values: item{":delta": number(op.Delta), ":one": number(1)},
	}
}

// replacement writes all of the record over whatever is there, and raises the version.
func replacement(r engine.Record) clauses {
	c := clauses{add: []string{"v :one"}, values: item{":one": number(1)}}
	it := content(r)
	for _, name := range contentNames() {
		v, ok := it[name]
		if !ok {
			c.remove = append(c.remove, name)
			continue
		}
		c.set = append(c.set, name+" = :"+name)
		c.values[":"+name] = v
	}
	return c
}

// expression writes the clauses out. An update in a transaction leaves the token of a lone one in place: a retry of
// that may still come.
func expression(values item, c clauses, token string) *string {
	maps.Copy(values, c.values)
	if token != "" {
		c.set = append(c.set, "t = :t")
		values[":t"] = text(token)
	}
	var b strings.Builder
	for _, clause := range []struct {
		verb  string
		parts []string
	}{{"SET", c.set}, {"ADD", c.add}, {"REMOVE", c.remove}} {
		if len(clause.parts) > 0 {
			fmt.Fprintf(&b, "%s %s ", clause.verb, strings.Join(clause.parts, ", "))
		}
	}
	all := b.String()
	return &all
}
