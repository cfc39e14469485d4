package inbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/caretaker/caretaker/internal/mail/feedback"
)

// Event is what SES would publish about the mail through EventBridge: that it bounced, for good or for a while, or that
// somebody complained. It has what SES documents, as far as it can be known here.
func (r Received) Event(kind feedback.Kind, at time.Time) (json.RawMessage, error) {
	happened, known := happenings[kind]
	if !known {
		return nil, fmt.Errorf("inbox: there is no event for %q", kind)
	}
	about := map[string]any{"timestamp": at.UTC().Format(time.RFC3339Nano), "feedbackId": r.ID}
	maps.Copy(about, happened.facts)
	recipient := map[string]any{"emailAddress": r.To}
	maps.Copy(recipient, happened.recipient)
	about[happened.recipients] = []any{recipient}
	event, err := json.Marshal(map[string]any{
		"version": "0", "id": r.ID, "detail-type": happened.detailType, "source": "aws.ses", "account": "111122223333",
		"time": at.UTC().Format(time.RFC3339), "region": "eu-west-2", "resources": []any{},
		"detail": map[string]any{"eventType": happened.eventType, "mail": r.mail(), happened.name: about},
	})
	if err != nil {
		return nil, fmt.Errorf("inbox: %w", err)
	}
	return event, nil
}

// happening is what SES calls one kind of event, and what it says about it.
type happening struct {
	detailType, eventType, name, recipients string
	facts, recipient                        map[string]any
}

var happenings = map[feedback.Kind]happening{
	feedback.PermanentBounce: bounced("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown"),
	feedback.TransientBounce: bounced("Transient", "MailboxFull", "4.2.2", "smtp; 452 4.2.2 mailbox full"),
	feedback.Complaint: {
		detailType: "Email Complaint Received", eventType: "Complaint", name: "complaint", recipients: "complainedRecipients",
		facts: map[string]any{"complaintFeedbackType": "abuse", "complaintSubType": nil},
	},
}

func bounced(kind, subType, status, says string) happening {
	return happening{
		detailType: "Email Bounced", eventType: "Bounce", name: "bounce", recipients: "bouncedRecipients",
		facts:     map[string]any{"bounceType": kind, "bounceSubType": subType},
		recipient: map[string]any{"action": "failed", "status": status, "diagnosticCode": says},
	}
}

// mail is what an event says of the mail that it is about. Its tags are told from the headers, for nobody keeps them here.
func (r Received) mail() map[string]any {
	organisation, user, _ := strings.Cut(r.Headers["X-Caretaker-For"], "/")
	tags := map[string]any{}
	for name, value := range map[string]string{"mail": r.ID, "organisation": organisation, "user": user} {
		if value != "" {
			tags[name] = []any{value}
		}
	}
	return map[string]any{
		"timestamp": r.SentAt.UTC().Format(time.RFC3339Nano), "messageId": r.ID, "source": r.From,
		"destination": []any{r.Headers["To"]}, "headersTruncated": false, "headers": []any{}, "tags": tags,
	}
}
