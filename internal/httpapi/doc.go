// Package httpapi is the HTTP interface under /api/v1: operations as data, their inputs and answers, problem documents,
// cookies and the checks that come before every body is read. It decides nothing that the domain could decide, and it
// knows neither where it runs nor what the domain's ports are made of.
package httpapi
