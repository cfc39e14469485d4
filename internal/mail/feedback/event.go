package feedback

import "regexp"

// event is what SES publishes, as its documentation has it; fields that are not needed are left out. Of the objects
// beside mail only the one that the type names is there.
type event struct {
	EventType string `json:"eventType"`
	Mail      sent   `json:"mail"`

	Bounce    bounce    `json:"bounce"`
	Complaint complaint `json:"complaint"`
	Delivery  delivery  `json:"delivery"`
	Delay     delay     `json:"deliveryDelay"`
	Reject    reject    `json:"reject"`
	Failure   failure   `json:"failure"`
}

// sent is the mail that the event is about.
type sent struct {
	Timestamp   string              `json:"timestamp"`
	Destination []string            `json:"destination"`
	Tags        map[string][]string `json:"tags"`
}

type recipient struct {
	Email      string `json:"emailAddress"`
	Status     string `json:"status"`
	Diagnostic string `json:"diagnosticCode"`
}

type bounce struct {
	Type       string      `json:"bounceType"`
	SubType    string      `json:"bounceSubType"`
	Recipients []recipient `json:"bouncedRecipients"`
	Timestamp  string      `json:"timestamp"`
}

type complaint struct {
	SubType    string      `json:"complaintSubType"`
	Feedback   string      `json:"complaintFeedbackType"`
	Recipients []recipient `json:"complainedRecipients"`
	Timestamp  string      `json:"timestamp"`
}

type delivery struct {
	Recipients []string `json:"recipients"`
	Timestamp  string   `json:"timestamp"`
}

type delay struct {
	Type       string      `json:"delayType"`
	Recipients []recipient `json:"delayedRecipients"`
	Timestamp  string      `json:"timestamp"`
}

type reject struct {
	Reason string `json:"reason"`
}

type failure struct {
	Template string `json:"templateName"`
}

// types are the names that EventBridge has for those of SES.
var types = map[string]string{
	"Email Bounced":            "Bounce",
	"Email Complaint Received": "Complaint",
	"Email Delivered":          "Delivery",
	"Email Rejected":           "Reject",
	"Email Rendering Failed":   "Rendering Failure",
	"Email Delivery Delayed":   "DeliveryDelay",
}

// typed gives an event of EventBridge its type; a detail that names it itself is believed.
func (e event) typed(detailType string) event {
	if e.EventType != "" {
		return e
	}
	e.EventType = types[detailType]
	if e.EventType == "" {
		e.EventType = detailType // which is then refused by its name
	}
	return e
}

func (e event) read() (Feedback, error) {
	m := e.Mail
	f := Feedback{MailID: m.tag(mailTag), Organisation: m.tag(organisationTag), User: m.tag(userTag), Kind: Other}
	var at string
	var about []string
	switch e.EventType {
	case "Bounce":
		f.Kind, f.Detail = e.Bounce.kind(), detail(e.Bounce.SubType, said(e.Bounce.Recipients))
		about, at = emails(e.Bounce.Recipients), e.Bounce.Timestamp
	case "Complaint":
		f.Kind, f.Detail = e.Complaint.kind(), detail(e.Complaint.SubType, word(e.Complaint.Feedback))
		about, at = emails(e.Complaint.Recipients), e.Complaint.Timestamp
	case "Delivery":
		about, at = e.Delivery.Recipients, e.Delivery.Timestamp
	case "DeliveryDelay":
		f.Detail = detail(e.Delay.Type, said(e.Delay.Recipients))
		about, at = emails(e.Delay.Recipients), e.Delay.Timestamp
	case "Reject":
		f.Detail, about = detail(e.Reject.Reason), e.Mail.Destination
	case "Rendering Failure", "RenderingFailure": // the documentation has the first
		f.Detail, about = detail(e.Failure.Template), e.Mail.Destination
	default:
		return Feedback{}, unknown("an event of type %q", line(e.EventType, maxNamed))
	}
	f.Addresses, f.At = e.Mail.addresses(about), moment(at, e.Mail.Timestamp)
	return f, nil
}

// kind takes a bounce that SES could not make out for one that may pass: an address is given up for good reasons only.
func (b bounce) kind() Kind {
	if b.Type == "Permanent" {
		return PermanentBounce
	}
	return TransientBounce
}

// kind knows that "not-spam" is the opposite of a complaint (RFC 6430).
func (c complaint) kind() Kind {
	if c.Feedback == "not-spam" {
		return Other
	}
	return Complaint
}

func emails(of []recipient) []string {
	list := make([]string, len(of))
	for i, r := range of {
		list[i] = r.Email
	}
	return list
}

// said is the status code that a recipient's server gave; each mail has one recipient.
func said(of []recipient) string {
	for _, r := range of {
		if code := statusCode.FindString(r.Status); code != "" {
			return code
		}
		if code := statusCode.FindString(r.Diagnostic); code != "" {
			return code
		}
	}
	return ""
}

// word is a feedback type as servers name them (RFC 5965); "" for whatever else came in its place.
func word(s string) string {
	if !feedbackType.MatchString(s) {
		return ""
	}
	return s
}

var feedbackType = regexp.MustCompile(`^[a-z-]{1,40}$`)

// statusCode is an enhanced one (RFC 3463). Others of the form, such as a version or a part of an address, can come in
// the way only where SES itself names none, and mean nothing then.
var statusCode = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)
