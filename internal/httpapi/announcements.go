package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// addAnnouncements adds what an administrator writes to all users of the organisation.
func addAnnouncements(g *group) {
	const path = "/announcements"
	register(g, Operation{
		ID: "sendAnnouncement", Method: http.MethodPost, Path: path, Access: Holder, Right: directory.AnnouncementsSend,
		Ahead: announcementsLeft, Once: "announcement",
		Credential: true, Summary: "Write to all users of the organisation, but to those who declined news where it is some",
		Status: http.StatusAccepted, Errors: []int{http.StatusTooManyRequests},
	}, sending(g.directory.SendAnnouncement, g.directory.CountRecipients))
	register(g, Operation{
		ID: "listAnnouncements", Method: http.MethodGet, Path: path, Access: Holder, Right: directory.AnnouncementsSend,
		Summary: "List announcements to the organisation, newest first", Errors: []int{http.StatusUnprocessableEntity},
	}, listing(g.directory.Announcements))
	register(g, Operation{
		ID: "getAnnouncement", Method: http.MethodGet, Path: path + "/{id}", Access: Holder, Right: directory.AnnouncementsSend,
		Summary: "Show an announcement, and how far its mails are written", Errors: []int{http.StatusNotFound},
	}, showing(g.directory.Announcement))
}

// addAnnouncementsToAll adds what the platform writes to the users of all organisations.
func addAnnouncementsToAll(g *group) {
	const path = "/operator/announcements"
	register(g, Operation{
		ID: "sendToAll", Method: http.MethodPost, Path: path, Access: Holder, Right: directory.OrganisationsManage,
		Ahead: announcementsToAllLeft, Once: "announcementToAll",
		Summary: "Write to the users of all organisations, but to those who declined news, or did not ask for the newsletter",
		Status:  http.StatusAccepted, Errors: []int{http.StatusTooManyRequests},
	}, sending(g.directory.SendToAll, g.directory.CountAllRecipients))
	register(g, Operation{
		ID: "listAnnouncementsToAll", Method: http.MethodGet, Path: path, Access: Holder, Right: directory.OrganisationsManage,
		Summary: "List announcements to all organisations, newest first", Errors: []int{http.StatusUnprocessableEntity},
	}, listing(g.directory.AnnouncementsToAll))
	register(g, Operation{
		ID: "getAnnouncementToAll", Method: http.MethodGet, Path: path + "/{id}", Access: Holder, Right: directory.OrganisationsManage,
		Summary: "Show an announcement to all organisations, and how far its mails are written", Errors: []int{http.StatusNotFound},
	}, showing(g.directory.AnnouncementToAll))
}

type announcementInput struct {
	OnceHeader
	DryRun bool `query:"dryRun" doc:"Answer how many would get it, and send nothing"`
	Body   struct {
		Category string `json:"category" doc:"service always arrives; news goes to who did not decline it; newsletter, of the platform alone, to who asked for it"`
		Subject  string `json:"subject"`
		Body     string `json:"body" doc:"Plain text; lines may break"`
	}
}

// AnnouncementBody is an announcement, or, of a dry run, whom it would reach.
type AnnouncementBody struct {
	ID         string                 `json:"id,omitempty"`
	Category   directory.MailCategory `json:"category" enum:"service,news,newsletter"`
	Subject    string                 `json:"subject"`
	Body       string                 `json:"body"`
	From       string                 `json:"from,omitempty" doc:"Who writes, as readers are told"`
	Status     string                 `json:"status" enum:"dryRun,writing,written" doc:"written: all mails are in the outbox, from where they are sent as fast as the mail service takes them"`
	Recipients *int                   `json:"recipients,omitempty" doc:"Of a dry run: how many would get it"`
	Exact      *bool                  `json:"exact,omitempty" doc:"Of a dry run: false where there are too many to be counted, so that there are at least so many recipients"`
	Total      *int                   `json:"total,omitempty" doc:"How many accounts there were to look at; missing for all organisations together"`
	Done       int                    `json:"done" doc:"How many of them were looked at"`
	Written    int                    `json:"written" doc:"How many mails were written: to who has access and did not decline"`
	CreatedAt  *time.Time             `json:"createdAt,omitempty"`
}

type announcementAnswer struct {
	Status int
	Body   AnnouncementBody
}

func showAnnouncement(a directory.Announcement) AnnouncementBody {
	b := AnnouncementBody{
		ID: a.ID, Category: a.Category, Subject: a.Subject, Body: a.Message, From: a.From, Status: "writing",
		Done: a.Looked, Written: a.Written, CreatedAt: moment(a.CreatedAt),
	}
	if a.Done {
		b.Status = "written"
	}
	if a.Accounts > 0 {
		b.Total = &a.Accounts
	}
	return b
}

type (
	sendAnnouncement func(
		context.Context, directory.Caller, directory.NewAnnouncement, directory.Once,
	) (directory.Announcement, error)
	countRecipients func(context.Context, directory.Caller, directory.NewAnnouncement) (directory.Recipients, error)
)

// sending is the handler that sends an announcement, or only counts whom it would reach.
func sending(send sendAnnouncement, count countRecipients) handler[announcementInput, announcementAnswer] {
	return func(ctx context.Context, c directory.Caller, in *announcementInput) (*announcementAnswer, error) {
		n := directory.NewAnnouncement{
			Category: directory.MailCategory(in.Body.Category), Subject: in.Body.Subject, Message: in.Body.Body,
		}
		if in.DryRun {
			r, err := count(ctx, c, n)
			return &announcementAnswer{Status: http.StatusOK, Body: AnnouncementBody{
				Category: n.Category, Subject: n.Subject, Body: n.Message, Status: "dryRun", Recipients: &r.Count, Exact: &r.Exact,
			}}, err
		}
		a, err := send(ctx, c, n, in.once())
		return &announcementAnswer{Status: http.StatusAccepted, Body: showAnnouncement(a)}, err
	}
}

type announcementsAnswer struct {
	Body struct {
		Items      []AnnouncementBody `json:"items" nullable:"false"`
		NextCursor string             `json:"nextCursor,omitempty"`
	}
}

func listing(
	list func(context.Context, directory.Caller, int, string) (directory.AnnouncementPage, error),
) handler[struct{ Page }, announcementsAnswer] {
	return func(ctx context.Context, c directory.Caller, in *struct{ Page }) (*announcementsAnswer, error) {
		found, err := list(ctx, c, in.Limit, in.Cursor)
		if err != nil {
			return nil, err
		}
		var answer announcementsAnswer
		answer.Body.Items, answer.Body.NextCursor = []AnnouncementBody{}, found.Next
		for _, a := range found.Announcements {
			answer.Body.Items = append(answer.Body.Items, showAnnouncement(a))
		}
		return &answer, nil
	}
}

// AnnouncementInput names an announcement.
type AnnouncementInput struct {
	ID string `path:"id" doc:"The announcement's id"`
}

func showing(
	read func(context.Context, directory.Caller, string) (directory.Announcement, error),
) handler[AnnouncementInput, announcementAnswer] {
	return func(ctx context.Context, c directory.Caller, in *AnnouncementInput) (*announcementAnswer, error) {
		a, err := read(ctx, c, in.ID)
		return &announcementAnswer{Status: http.StatusOK, Body: showAnnouncement(a)}, err
	}
}
