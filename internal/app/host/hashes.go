package host

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store"
)

// hashes lends the embedded credentials a place in the store.
type hashes struct{ vault store.Vault }

func (h hashes) Hash(ctx context.Context, id directory.UserID) (embedded.Entry, error) {
	body, version, err := h.vault.Load(ctx, string(id))
	if err != nil || version == 0 {
		return embedded.Entry{}, err
	}
	var e embedded.Entry
	if err := json.Unmarshal(body, &e); err != nil {
		return embedded.Entry{}, fmt.Errorf("read the credential of %s: %w", id, err)
	}
	e.Version = version
	return e, nil
}

func (h hashes) PutHash(ctx context.Context, id directory.UserID, e embedded.Entry) error {
	version := e.Version
	e.Version = 0
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write the credential of %s: %w", id, err)
	}
	return h.vault.Save(ctx, string(id), body, version)
}

func (h hashes) DeleteHash(ctx context.Context, id directory.UserID) error {
	return h.vault.Delete(ctx, string(id))
}
