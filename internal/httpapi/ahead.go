package httpapi

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/caretaker/caretaker/internal/directory"
)

// What operations read together with the session, because their keys are known from the cookie and the path.

func ownProofs(who directory.Bearer, _ *http.Request) []directory.Need {
	return []directory.Need{directory.NeedProofs{Org: who.Home, User: who.User}}
}

func ownSetup(who directory.Bearer, _ *http.Request) []directory.Need {
	return []directory.Need{directory.NeedTicket{Kind: directory.TicketTOTP, ID: string(who.Session)}}
}

func ownSetupAndProofs(who directory.Bearer, r *http.Request) []directory.Need {
	return append(ownSetup(who, r), ownProofs(who, r)...)
}

func ownPasswords(who directory.Bearer, _ *http.Request) []directory.Need {
	return []directory.Need{directory.NeedOldPasswords{Org: who.Home, User: who.User}}
}

func ownElevation(who directory.Bearer, _ *http.Request) []directory.Need {
	return []directory.Need{directory.NeedFailures{Org: who.Org, Guard: directory.ElevationGuard(who.User)}}
}

func ownAssignments(who directory.Bearer, _ *http.Request) []directory.Need {
	return []directory.Need{directory.NeedAssignments{Org: who.Home, User: who.User}}
}

func administrators(who directory.Bearer, _ *http.Request) []directory.Need {
	return []directory.Need{directory.NeedAdministrators{Org: who.Org}}
}

func assignmentsAbout(who directory.Bearer, r *http.Request) []directory.Need {
	if id := directory.UserID(r.PathValue("id")); id.Valid() {
		return []directory.Need{directory.NeedAssignments{Org: who.Org, User: id}}
	}
	return nil
}

func keptAbout(who directory.Bearer, r *http.Request) []directory.Need {
	if id := directory.UserID(r.PathValue("id")); id.Valid() {
		return []directory.Need{directory.NeedKept{Org: who.Org, User: id}}
	}
	return nil
}

func organisationAbout(_ directory.Bearer, r *http.Request) []directory.Need {
	if slug := directory.Slug(r.PathValue("id")); slug.Valid() {
		return []directory.Need{directory.NeedOrganisation{Org: slug}}
	}
	return nil
}

func administratorsAbout(who directory.Bearer, r *http.Request) []directory.Need {
	needs := organisationAbout(who, r)
	if len(needs) > 0 {
		needs = append(needs, directory.NeedAdministrators{Org: directory.Slug(r.PathValue("id"))})
	}
	return needs
}

func administratorsOfClosed(_ directory.Bearer, r *http.Request) []directory.Need {
	if slug := directory.Slug(r.PathValue("id")); slug.Valid() {
		return []directory.Need{directory.NeedAdministrators{Org: slug}}
	}
	return nil
}

func announcementsLeft(who directory.Bearer, _ *http.Request) []directory.Need {
	return []directory.Need{directory.AnnouncementQuota(who.Org)}
}

func announcementsToAllLeft(directory.Bearer, *http.Request) []directory.Need {
	return []directory.Need{directory.AnnouncementQuota("")}
}

func looksLeft(who directory.Bearer, r *http.Request) []directory.Need {
	needs := []directory.Need{directory.LookQuota(who.Home, who.User)}
	if slug := directory.Slug(r.PathValue("organisation")); slug.Valid() {
		needs = append(needs, directory.NeedOrganisation{Org: slug})
	}
	return needs
}

// keepable tells whether a key can be that of a receipt; what is wrong with another one is said later, to whom it may be said.
func keepable(key string) bool {
	return key != "" && len(key) <= directory.MaxReceiptKey && utf8.ValidString(key) && !strings.ContainsRune(key, utf8.MaxRune)
}
