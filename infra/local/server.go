package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// listen takes the port on the loopback interface, and on no other: the demonstration's passwords are for this machine.
func listen(ctx context.Context, port string) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return nil, fmt.Errorf("port %s cannot be had (PORT chooses another): %w", port, err)
	}
	return l, nil
}

// Bounds of a request. The time is what an HTTP API of API Gateway gives an integration, the headers what it lets
// through, so that nothing works here which would not work there.
const (
	requestTime = 30 * time.Second
	headerTime  = 5 * time.Second
	idleTime    = 2 * time.Minute
	headerBytes = 10 << 10
)

func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: requestTime,
		IdleTimeout: idleTime, MaxHeaderBytes: headerBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// shutdownTime is what requests get to end in once the program is asked to stop.
const shutdownTime = 5 * time.Second

// serve answers requests until the context ends, and then lets those under way end.
func serve(ctx context.Context, l net.Listener, s *http.Server) error {
	stopped := make(chan error, 1)
	defer context.AfterFunc(ctx, func() {
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
		defer cancel()
		stopped <- s.Shutdown(within)
	})()
	if err := s.Serve(l); ctx.Err() == nil {
		return fmt.Errorf("serve: %w", err)
	}
	return <-stopped
}

// pagesAt is what of the address space belongs to the runner's own pages; what nobody else has is the console's.
var pagesAt = []string{"GET /dev", "/inbox", "/inbox/", "/style.css"}

// route puts the parts of the address space together.
func route(api, dev, pages, console http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/", api)
	mux.Handle("/", console)
	mux.Handle("/dev/", patient(dev))
	for _, path := range pagesAt {
		mux.Handle(path, patient(pages))
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ready\n")) // the caller has gone away if this fails
	})
	return onlyHere(mux)
}

// patient lifts the bound on a request's time: on a busy machine the demonstration, which these wait for, can take longer.
// The wait ends with the request's context all the same.
func patient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connection := http.NewResponseController(w)
		_ = connection.SetReadDeadline(time.Time{}) // reading goes on, to notice that the caller has gone away
		_ = connection.SetWriteDeadline(time.Time{})
		next.ServeHTTP(w, r)
	})
}

// onlyHere refuses requests under a name that is not this machine's own. Without that, a page from elsewhere whose name
// is made to point here (DNS rebinding) could read the passwords and the mails.
func onlyHere(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if host != "127.0.0.1" && host != "localhost" {
			http.Error(w, "This can only be reached as 127.0.0.1 or localhost.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
