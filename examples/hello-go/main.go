// A small web service in Go alone: a greeting, its version, and a health check.
//
// It listens on PORT, and finishes what it has begun when it is asked to end (SIGTERM).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

func setting(name, usual string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return usual
}

func main() {
	greeting, version := setting("GREETING", "hello"), setting("VERSION", "1")
	var stopping atomic.Bool
	answer := func(values func(*http.Request) any) http.HandlerFunc {
		return func(response http.ResponseWriter, request *http.Request) {
			response.Header().Set("Content-Type", "application/json")
			response.Header().Set("X-Version", version)
			if stopping.Load() {
				response.Header().Set("Connection", "close")
			}
			json.NewEncoder(response).Encode(values(request))
		}
	}
	http.HandleFunc("/health", answer(func(*http.Request) any {
		return map[string]string{"status": "ok"}
	}))
	http.HandleFunc("/", answer(func(request *http.Request) any {
		return map[string]string{"greeting": greeting, "version": version, "path": request.URL.String()}
	}))

	ending, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	server := &http.Server{Addr: net.JoinHostPort(os.Getenv("HOST"), setting("PORT", "8080"))}
	go func() {
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()
	fmt.Printf("hello %s listens on %s\n", version, server.Addr)
	<-ending.Done()
	// Shutting down takes connections that seem idle with it; what has arrived on them is answered first.
	stopping.Store(true)
	time.Sleep(500 * time.Millisecond)
	within, cancel := context.WithTimeout(context.Background(), 25*time.Second)
	defer cancel()
	if err := server.Shutdown(within); err != nil {
		log.Fatal(err)
	}
	fmt.Println("all requests are answered")
}
