// A small web service in Node alone: a greeting, its version, and a health check.
//
// It listens on PORT, and finishes what it has begun when it is asked to end (SIGTERM).

"use strict";

const http = require("node:http");

const greeting = process.env.GREETING ?? "hello";
const version = process.env.VERSION ?? "1";
const port = Number(process.env.PORT ?? 8080);
let stopping = false;

const server = http.createServer((request, response) => {
  const path = request.url.split("?")[0];
  const values = path === "/health" ? { status: "ok" } : { greeting, version, path: request.url };
  const headers = { "Content-Type": "application/json", "X-Version": version };
  if (stopping) headers.Connection = "close";
  response.writeHead(200, headers);
  response.end(JSON.stringify(values) + "\n");
});

// A load balancer keeps connections for a minute; the server must not close one before it.
server.keepAliveTimeout = 75_000;

// Closing takes connections that seem idle with it; what has arrived on them is answered first.
function stop() {
  stopping = true;
  setTimeout(() => server.close(() => console.log("all requests are answered")), 500);
}

process.once("SIGTERM", stop);
process.once("SIGINT", stop);
server.listen(port, process.env.HOST ?? "0.0.0.0", () => {
  console.log(`hello ${version} listens on port ${port}`);
});
