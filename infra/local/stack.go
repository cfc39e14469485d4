package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/caretaker/caretaker/infra/emulators"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
)

// stack is an installation and what it runs on.
type stack struct {
	*host.Local
	servers []*emulators.Server
}

// openStack opens the installation that the settings ask for.
func openStack(ctx context.Context, s settings, c app.Config, now func() time.Time) (*stack, error) {
	if s.aws {
		return openAWS(ctx, c, now)
	}
	if s.data != host.InMemory {
		if err := os.MkdirAll(s.data, 0o700); err != nil {
			return nil, fmt.Errorf("make the data folder (DATA chooses another): %w", err)
		}
	}
	local, err := host.OpenEmbedded(c, s.data, now, embedded.Recommended())
	if err != nil {
		return nil, fmt.Errorf("the data in %s cannot be used (DATA chooses another folder): %w", s.data, err)
	}
	return &stack{Local: local}, nil
}

func openAWS(ctx context.Context, c app.Config, now func() time.Time) (*stack, error) {
	var s stack
	endpoints, err := s.startEmulators(ctx)
	if err == nil {
		s.Local, err = host.OpenEmulated(ctx, c, endpoints, now)
	}
	if err != nil {
		return nil, errors.Join(err, s.stopEmulators())
	}
	return &s, nil
}

// startEmulators starts them side by side. Those that did start are in servers, also when another one did not.
func (s *stack) startEmulators(ctx context.Context) (host.Endpoints, error) {
	var at host.Endpoints
	var mu sync.Mutex
	all, ctx := errgroup.WithContext(ctx)
	for name, endpoint := range map[emulators.Name]*string{
		emulators.DynamoDB: &at.DynamoDB, emulators.Moto: &at.Moto, emulators.SES: &at.SES,
	} {
		all.Go(func() error {
			server, err := emulators.Start(ctx, name)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			s.servers = append(s.servers, server)
			*endpoint = server.Endpoint
			return nil
		})
	}
	err := all.Wait()
	return at, err
}

func (s *stack) stopEmulators() error {
	var errs []error
	for _, server := range s.servers {
		errs = append(errs, server.Stop())
	}
	return errors.Join(errs...)
}

// Close lets go of the data and ends what was started.
func (s *stack) Close() error { return errors.Join(s.Local.Close(), s.stopEmulators()) }
