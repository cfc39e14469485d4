package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"math"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/caretaker/caretaker/internal/directory"
)

// Problem is an error as a caller sees it (RFC 9457).
type Problem struct { //nolint:errname // RFC 9457 calls it a problem, and so does the API's documentation
	Type   string         `json:"type" doc:"Names the kind of problem" example:"urn:caretaker:problem:invalid"`
	Title  string         `json:"title" doc:"The HTTP status in words"`
	Status int            `json:"status"`
	Detail string         `json:"detail" doc:"What is wrong, for people to read"`
	Code   string         `json:"code" doc:"What is wrong, for programs; it never changes" enum:"agreement_changed,archived,body_timeout,body_too_large,cannot_change_self,cannot_delete_administrator,cannot_delete_self,challenge_pending,confirmation_required,cross_origin,elevation_required,expired,idempotency_key_in_use,idempotency_key_reused,identity_refused,internal,invalid,invalid_credentials,invalid_cursor,invalid_link,invalid_password,last_administrator,locked,malformed,method_not_allowed,method_not_offered,missing_right,no_customer_service,no_second_factor,no_security_code,no_such_challenge,no_totp_setup,not_acceptable,not_for_support,not_found,not_signed_in,passkey_refused,password_kept_elsewhere,password_refused,provider_misconfigured,role_constraint,role_has_members,role_in_use,second_factor_required,slug_taken,stale_version,support_closed,suspended,temporary_password_expired,too_large,too_many_passkeys,too_many_requests,totp_exists,try_federated_first,unavailable,unsupported_media_type,username_taken,usernames_exhausted,wrong_code,wrong_password,wrong_security_code,wrong_status"`
	Errors []FieldProblem `json:"errors,omitempty" doc:"Every field that breaks a rule"`

	Right         string        `json:"right,omitempty" doc:"The right that is missing"`
	Challenge     string        `json:"challenge,omitempty" doc:"The challenge that has to be met first"`
	Contacts      []ContactBody `json:"contacts,omitempty" doc:"Whom to ask, with locked, suspended, archived, expired and temporary_password_expired"`
	AccountStatus string        `json:"accountStatus,omitempty" doc:"With wrong_status: the status that stands in the way"`
	Role          string        `json:"role,omitempty" doc:"The role whose constraint would be broken"`
	Constraint    string        `json:"constraint,omitempty" doc:"The constraint that would be broken"`
	Version       int           `json:"version,omitempty" doc:"The version that is in force"`
	RetryAfter    int           `json:"retryAfter,omitempty" doc:"Seconds after which to try again"`
}

// FieldProblem says what is wrong with one field and what would be right.
type FieldProblem struct {
	Location string            `json:"location" doc:"Such as body.email, query.cursor or header.If-Match"`
	Message  string            `json:"message" doc:"What would be right, in English, to follow the name of the field"`
	Code     string            `json:"code" doc:"Which rule is broken, for programs, that say it in other languages; it never changes" example:"too_long"`
	Params   map[string]string `json:"params,omitempty" doc:"What stands in the places of the message, such as max"`
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus makes a Problem a huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes answers application/problem+json.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders adds Retry-After where there is something to wait for.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", itoa(p.RetryAfter))
	}
	return h
}

var statusOf = map[directory.Kind]int{
	directory.Invalid:     http.StatusUnprocessableEntity,
	directory.NotSignedIn: http.StatusUnauthorized,
	directory.Denied:      http.StatusForbidden,
	directory.NotFound:    http.StatusNotFound,
	directory.Conflict:    http.StatusConflict,
	directory.Stale:       http.StatusPreconditionFailed,
	directory.Locked:      http.StatusLocked,
	directory.Throttled:   http.StatusTooManyRequests,
	directory.Busy:        http.StatusServiceUnavailable,
	directory.Unavailable: http.StatusServiceUnavailable,
}

// problemOf turns an error of the domain into what the caller may see. What is not the caller's fault is logged.
func (a *API) problemOf(ctx context.Context, operation string, err error) *Problem {
	e, ok := errors.AsType[*directory.Error](err)
	status, known := 0, false
	if ok {
		status, known = statusOf[e.Kind]
	}
	if !known {
		a.log.ErrorContext(ctx, "request failed", slog.String("operation", operation), slog.Any("error", err))
		return newProblem(http.StatusInternalServerError, "internal",
			"Something went wrong on our side. Please try again; if it stays, please tell customer service.")
	}
	if status >= http.StatusInternalServerError {
		a.log.WarnContext(ctx, "request not served", slog.String("operation", operation), slog.Any("error", err))
	}
	p := newProblem(status, e.Code, e.Detail)
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, fieldProblem(locate(f.Field), f.Broken))
	}
	p.Right, _ = e.Facts["right"].(string)
	p.Challenge, _ = e.Facts["challenge"].(string)
	p.Role, _ = e.Facts["role"].(string)
	p.Constraint, _ = e.Facts["constraint"].(string)
	p.Version, _ = e.Facts["version"].(int)
	p.AccountStatus, _ = e.Facts["status"].(string)
	if contacts, ok := e.Facts["contacts"].([]directory.Contact); ok {
		p.Contacts = showContacts(contacts)
	}
	p.RetryAfter = int(math.Ceil(e.RetryAfter.Seconds()))
	return p
}

func newProblem(status int, code, detail string) *Problem {
	return &Problem{
		Type: "urn:caretaker:problem:" + code, Title: http.StatusText(status), Status: status, Code: code, Detail: detail,
	}
}

// locate says where a field of the domain stands in the request.
func locate(field string) string {
	switch field {
	case "cursor", "moveTo", "confirm":
		return "query." + field
	case "Idempotency-Key", "If-Match":
		return "header." + field
	default:
		return "body." + field
	}
}

func writeProblem(ctx context.Context, w http.ResponseWriter, p *Problem) {
	seenIn(ctx).Problem = p.Code
	w.Header().Set("Content-Type", p.ContentType(""))
	maps.Copy(w.Header(), p.GetHeaders())
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the caller has gone away if this fails
}

// codeOfStatus names the problems that huma finds before an operation runs.
var codeOfStatus = map[int]string{
	http.StatusBadRequest:            "malformed",
	http.StatusRequestTimeout:        "body_timeout",
	http.StatusRequestEntityTooLarge: "body_too_large",
	http.StatusUnsupportedMediaType:  "unsupported_media_type",
	http.StatusNotAcceptable:         "not_acceptable",
	http.StatusUnprocessableEntity:   "invalid",
}

var detailOfStatus = map[int]string{
	http.StatusBadRequest:            "The request could not be read.",
	http.StatusRequestTimeout:        "The request did not arrive in time.",
	http.StatusRequestEntityTooLarge: "The request is larger than this operation takes.",
	http.StatusUnsupportedMediaType:  "The request must be JSON: Content-Type: application/json.",
	http.StatusUnprocessableEntity:   "Please look at the fields named below.",
}

// init puts our problem documents in the place of huma's, which is the way it offers for that.
func init() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		code, known := codeOfStatus[status]
		if !known {
			code = "internal"
		}
		detail, known := detailOfStatus[status]
		if !known {
			detail = message
		}
		p := newProblem(status, code, detail)
		for _, err := range errs {
			p.Errors = append(p.Errors, unmet(err))
		}
		return p
	}
}
