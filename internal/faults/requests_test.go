package faults_test

import (
	"maps"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
)

// request is one that succeeds: who sends it, what the path names, and what is in it.
type request struct {
	by    *visitor
	names string // in the place of the path's parameter
	query string
	body  any
	match string // the organisation whose version is to be named
}

type recipe = func(t *testing.T, w *world) request

func at(names string, body any, who func(*world) *visitor) recipe {
	return func(_ *testing.T, w *world) request { return request{by: who(w), names: names, body: body} }
}

func jane(w *world) *visitor   { return w.jane }
func danny(w *world) *visitor  { return w.danny }
func minnie(w *world) *visitor { return w.minnie }
func olive(w *world) *visitor  { return w.olive }
func nobody(w *world) *visitor { return w.visitor() }

func (w *world) aboutDanny(body any) request {
	return request{by: w.jane, names: w.dannyID, body: body}
}

func (w *world) aboutWalter(body any) request {
	return request{by: w.minnie, names: w.walterID, body: body}
}

func onDanny(body any) recipe {
	return func(_ *testing.T, w *world) request { return w.aboutDanny(body) }
}

// after does something to Danny before what is asked about him.
func after(step string) recipe {
	return func(t *testing.T, w *world) request {
		t.Helper()
		w.jane.must(t, "POST", "/users/"+w.dannyID+"/"+step, nil)
		return w.aboutDanny(nil)
	}
}

// recipes has a request for each operation of the interface.
func recipes() map[string]recipe {
	all := map[string]recipe{}
	for _, some := range []map[string]recipe{sessionRecipes(), proofRecipes(), userRecipes(), ownRecipes(), organisationRecipes(), accessRecipes(), operatorRecipes(), passwordRecipes()} {
		maps.Copy(all, some)
	}
	return all
}

func sessionRecipes() map[string]recipe {
	return map[string]recipe{
		"signIn": func(_ *testing.T, w *world) request {
			return request{by: w.visitor(), body: signingIn("bash-street", w.dannyName, password)}
		},
		"getSession":  at("", nil, jane),
		"signOut":     at("", nil, danny),
		"getEntrance": at("bash-street", nil, nobody),
		"meetNewPassword": func(t *testing.T, w *world) request {
			t.Helper()
			v := w.visitor()
			v.must(t, "POST", "/session", signingIn("bash-street", w.newName, w.newPassword))
			return request{by: v, body: chosen(otherPassword)}
		},
		"meetAgreement": func(t *testing.T, w *world) request {
			t.Helper()
			w.jane.must(t, "POST", "/agreement", object{"short": "Be kind.", "long": "Be kind to one another."})
			v := w.visitor()
			in := v.must(t, "POST", "/session", signingIn("bash-street", w.dannyName, password))
			return request{by: v, body: object{"version": in.at("challenge.version"), "accepted": true}}
		},
		"elevate": func(t *testing.T, w *world) request {
			t.Helper()
			w.jane.must(t, "PUT", "/security-code", object{"securityCode": securityCode})
			w.jane.must(t, "DELETE", "/session/elevate", nil)
			return request{by: w.jane, body: object{"securityCode": securityCode}}
		},
		"lower": func(t *testing.T, w *world) request {
			t.Helper()
			w.jane.must(t, "PUT", "/security-code", object{"securityCode": securityCode})
			return request{by: w.jane}
		},
		"beginFederated": func(t *testing.T, w *world) request {
			t.Helper()
			w.federate(t)
			return request{by: w.visitor(), names: "county"}
		},
		"finishFederated": func(t *testing.T, w *world) request {
			t.Helper()
			w.federate(t)
			v := w.visitor()
			v.must(t, "GET", "/session/federation/county", nil)
			return request{by: v, query: "?code=1&state=" + w.providers.state}
		},
	}
}

func proofRecipes() map[string]recipe {
	return map[string]recipe{
		"confirmIdentity": at("", object{"password": password}, danny),
		"meetCode": func(t *testing.T, w *world) request {
			t.Helper()
			secret, v := w.useApp(t), w.visitor()
			v.must(t, "POST", "/session", signingIn("bash-street", w.dannyName, password))
			return request{by: v, body: object{"code": w.code(t, secret)}}
		},
		"beginPasskeyProof": func(t *testing.T, w *world) request {
			t.Helper()
			w.usePasskey(t)
			return request{by: w.danny}
		},
		"proveByPasskey": func(t *testing.T, w *world) request {
			t.Helper()
			d := w.usePasskey(t)
			return request{by: w.danny, body: object{"credential": d.shown(t, w.danny.must(t, "POST", "/session/passkey/options", nil))}}
		},
		"beginPasskeySignIn": at("", object{"organisation": "bash-street"}, nobody),
		"signInByPasskey": func(t *testing.T, w *world) request {
			t.Helper()
			d, v := w.usePasskey(t), w.visitor()
			asked := v.must(t, "POST", "/passkey-sign-in/options", object{"organisation": "bash-street"})
			return request{by: v, body: object{"organisation": "bash-street", "credential": d.shown(t, asked)}}
		},
		"beginTOTP": at("", nil, danny),
		"confirmTOTP": func(t *testing.T, w *world) request {
			t.Helper()
			secret := w.danny.must(t, "POST", "/me/totp", nil).text("secret")
			return request{by: w.danny, body: object{"code": w.code(t, secret)}}
		},
		"removeTOTP": func(t *testing.T, w *world) request {
			t.Helper()
			w.useApp(t)
			return request{by: w.danny}
		},
		"makeRecoveryCodes": func(t *testing.T, w *world) request {
			t.Helper()
			w.useApp(t)
			return request{by: w.danny}
		},
		"listPasskeys": at("", nil, danny),
		"beginPasskey": at("", nil, danny),
		"addPasskey": func(t *testing.T, w *world) request {
			t.Helper()
			d := newDevice(w.dannyID)
			return request{by: w.danny, body: d.made(t, w.danny.must(t, "POST", "/me/passkeys/options", nil))}
		},
		"removePasskey": func(t *testing.T, w *world) request {
			t.Helper()
			w.usePasskey(t)
			items, _ := w.danny.must(t, "GET", "/me/passkeys", nil).at("items").([]any)
			id, _ := items[0].(object)["id"].(string)
			return request{by: w.danny, names: id}
		},
	}
}

func userRecipes() map[string]recipe {
	return map[string]recipe{
		"listUsers": func(_ *testing.T, w *world) request {
			return request{by: w.jane, query: "?neverSignedIn=true"} // filtered, which asks for all that the plain list does
		},
		"createUser":         at("", person("Roger", "bash-street"), jane),
		"getUser":            onDanny(nil),
		"changeUser":         onDanny(object{"familyName": "Dodger", "email": "other@bash-street.example"}),
		"deleteUser":         onDanny(nil),
		"suspendUser":        onDanny(nil),
		"reinstateUser":      after("suspend"),
		"archiveUser":        onDanny(nil),
		"restoreUser":        after("archive"),
		"unlockUser":         func(t *testing.T, w *world) request { t.Helper(); w.guess(t); return w.aboutDanny(nil) },
		"endUserSessions":    onDanny(nil),
		"listUserAgreements": onDanny(nil),
		"listUserAudit":      onDanny(nil),
		"resetFactors":       func(t *testing.T, w *world) request { t.Helper(); w.useApp(t); return w.aboutDanny(nil) },
		"exemptUser": func(_ *testing.T, w *world) request {
			return w.aboutDanny(object{"reason": "Has no telephone yet", "until": w.clock.Now().Add(24 * time.Hour)})
		},
		"endExemption": func(t *testing.T, w *world) request {
			t.Helper()
			exempt := object{"reason": "Has no telephone yet", "until": w.clock.Now().Add(24 * time.Hour)}
			w.jane.must(t, "PUT", "/users/"+w.dannyID+"/totp-exemption", exempt)
			return w.aboutDanny(nil)
		},
		"setEndDates": func(_ *testing.T, w *world) request {
			return request{by: w.jane, body: object{"users": []string{w.dannyID, w.newID}, "endsAt": w.clock.Now().AddDate(1, 0, 0)}}
		},
		"unlinkIdentity": func(t *testing.T, w *world) request {
			t.Helper()
			w.federate(t)
			v := w.visitor()
			v.must(t, "GET", "/session/federation/county", nil)
			v.must(t, "GET", "/session/federation/callback?code=1&state="+w.providers.state, nil)
			return w.aboutWalter(nil)
		},
		"setUserRoles": func(_ *testing.T, w *world) request { return w.aboutWalter(object{"roles": []string{w.role}}) },
		"setUserRights": func(_ *testing.T, w *world) request {
			return w.aboutWalter(object{"grant": []string{"users.view"}, "deny": []string{}})
		},
		"getUserSchools":        func(_ *testing.T, w *world) request { return w.aboutWalter(nil) },
		"listOthersUsers":       at("county", nil, minnie),
		"listOpenOrganisations": at("", nil, minnie),
		"decide": func(_ *testing.T, w *world) request {
			r := w.aboutWalter(nil)
			r.query = "?right=users.view&school=" + w.school
			return r
		},
		"setUserSchools": func(_ *testing.T, w *world) request {
			return w.aboutWalter(object{"schools": []object{{"id": w.school, "relation": "Consultant"}}, "defaultGroup": w.group})
		},
	}
}

// guess has Danny barred.
func (w *world) guess(t *testing.T) {
	t.Helper()
	for range 20 {
		if w.visitor().call(t, "POST", "/session", signingIn("bash-street", w.dannyName, "wrong")).Code == 423 {
			return
		}
	}
	t.Fatal("never barred")
}

func ownRecipes() map[string]recipe {
	return map[string]recipe{
		"getMe":             at("", nil, danny),
		"changeMe":          at("", object{"givenName": "Daniel"}, olive),
		"listMySessions":    at("", nil, danny),
		"listMyAgreements":  at("", nil, danny),
		"listMyAudit":       at("", nil, danny),
		"getCommunications": at("", nil, danny),
		"setCommunications": at("", object{"news": false, "newsletter": true}, danny),
		"listContacts":      at("", nil, danny),
		"getMySchools":      at("", nil, minnie),
		"decideMe": func(_ *testing.T, w *world) request {
			return request{by: w.minnie, query: "?right=users.manage"}
		},
		"endMyOtherSessions": func(t *testing.T, w *world) request {
			t.Helper()
			w.signIn(t, "bash-street", w.dannyName)
			return request{by: w.danny}
		},
		"endMySession": func(t *testing.T, w *world) request {
			t.Helper()
			w.signIn(t, "bash-street", w.dannyName)
			items, _ := w.danny.must(t, "GET", "/me/sessions", nil).at("items").([]any)
			for _, i := range items {
				if s, _ := i.(object); s["current"] != true {
					id, _ := s["id"].(string)
					return request{by: w.danny, names: id}
				}
			}
			t.Fatal("there is no other session")
			return request{}
		},
	}
}

func organisationRecipes() map[string]recipe {
	return map[string]recipe{
		"listAreas":         at("", nil, jane),
		"listRights":        at("", nil, minnie),
		"listAnnouncements": at("", nil, jane),
		"getAnnouncement":   func(_ *testing.T, w *world) request { return request{by: w.jane, names: w.announcement} },
		"sendAnnouncement":  at("", news(), jane),
		"getSettings":       at("", nil, jane),
		"putSettings": func(t *testing.T, w *world) request {
			t.Helper()
			policy, _ := w.jane.must(t, "GET", "/settings", nil).at("policy").(object)
			policy["passwords"].(object)["maxAgeDays"] = 30 //nolint:forcetypeassert // or the test fails
			return request{by: w.jane, body: object{"policy": policy}}
		},
		"getAgreement":          at("", nil, jane),
		"listAgreementVersions": at("", nil, jane),
		"publishAgreement":      at("", object{"short": "Be kind.", "long": "Be kind to one another."}, jane),
		"putSecurityCode":       at("", object{"securityCode": securityCode}, jane),
		"putStandardCode":       at("", object{"standardCode": "Begin4here$now"}, jane),
		"getForecast":           at("", nil, jane),
		"getOverview":           at("", nil, jane),
		"getPrimaryContact":     at("", nil, jane),
		"setPrimaryContact":     func(_ *testing.T, w *world) request { return request{by: w.jane, body: object{"user": w.janeID}} },
		"contact":               at("", object{"subject": "A question", "message": "How many users may we have?"}, jane),
		"listAudit":             at("", nil, jane),
		"getSupportAccess":      at("", nil, jane),
		"putSupportAccess":      at("", object{"open": true}, jane),
		"listVisits":            at("", nil, jane),
		"getProvider":           at("", nil, minnie),
		"putProvider":           at("", provider(), minnie),
		"deleteProvider": func(t *testing.T, w *world) request {
			t.Helper()
			w.minnie.must(t, "PUT", "/identity-provider", provider())
			return request{by: w.minnie}
		},
	}
}

func accessRecipes() map[string]recipe {
	one := func(name func(*world) string, body func(*world) any) recipe {
		return func(_ *testing.T, w *world) request { return request{by: w.minnie, names: name(w), body: body(w)} }
	}
	role, school, group := func(w *world) string { return w.role }, func(w *world) string { return w.school }, func(w *world) string { return w.group }
	nothing := func(*world) any { return nil }
	is := func(body object) func(*world) any { return func(*world) any { return body } }
	return map[string]recipe{
		"listRoles":         at("", nil, minnie),
		"createRole":        at("", object{"name": "Guests", "rights": []string{}}, minnie),
		"getRole":           one(role, nothing),
		"changeRole":        one(role, is(object{"name": "Guests", "rights": []string{"users.view"}})),
		"deleteRole":        one(role, nothing),
		"listSchools":       at("", nil, minnie),
		"createSchool":      at("", object{"name": "Abbey Road"}, minnie),
		"getSchool":         one(school, nothing),
		"changeSchool":      one(school, is(object{"name": "Quarry Bank School"})),
		"deleteSchool":      one(school, nothing),
		"listSchoolGroups":  at("", nil, minnie),
		"createSchoolGroup": one(func(*world) string { return "" }, func(w *world) any { return object{"name": "Coast", "schools": []string{w.school}} }),
		"getSchoolGroup":    one(group, nothing),
		"changeSchoolGroup": one(group, is(object{"name": "Quarries", "schools": []string{}})),
		"deleteSchoolGroup": one(group, nothing),
	}
}

func operatorRecipes() map[string]recipe {
	return map[string]recipe{
		"listOrganisations": at("", nil, olive),
		"createOrganisation": at("", object{
			"slug": "blob-street", "name": "Blob Street", "preset": "authority-analytics", "schools": "name,code\nSt Mary's,100123\n",
			"firstAdministrator": person("Harriet", "blob-street"),
		}, olive),
		"getOrganisation":    at("bash-street", nil, olive),
		"changeOrganisation": at("bash-street", object{"name": "Bash Street Primary School"}, olive),
		"closeOrganisation": func(_ *testing.T, w *world) request {
			return request{by: w.olive, names: "county", query: "?confirm=county", match: "county"}
		},
		"listClosedOrganisations": at("", nil, olive),
		"reopenOrganisation": func(t *testing.T, w *world) request {
			t.Helper()
			version := w.version(t, "county")
			if a := w.olive.call(t, "DELETE", "/operator/organisations/county?confirm=county", nil, "If-Match", version); a.Code/100 != 2 {
				t.Fatal(a.Body)
			}
			return request{by: w.olive, names: "county"}
		},
		"listAnnouncementsToAll": at("", nil, olive),
		"getAnnouncementToAll":   func(_ *testing.T, w *world) request { return request{by: w.olive, names: w.toAll} },
		"sendToAll":              at("", object{"category": "newsletter", "subject": "June", "body": "Much is new."}, olive),
		"enterSupport": func(t *testing.T, w *world) request {
			t.Helper()
			w.jane.must(t, "PUT", "/support-access", object{"open": true})
			return request{by: w.olive, names: "bash-street", body: object{"reason": "A question about settings"}}
		},
		"addAdministrator": func(_ *testing.T, w *world) request {
			toots := person("Toots", "bash-street")
			toots["approvedBy"], toots["evidence"] = object{"name": "Head Teacher", "position": "Head"}, "a letter"
			return request{by: w.olive, names: "bash-street", body: toots}
		},
	}
}

func passwordRecipes() map[string]recipe {
	return map[string]recipe{
		"getPasswordRules": at("", nil, danny),
		"changeMyPassword": at("", object{"currentPassword": password, "newPassword": otherPassword, "repeatPassword": otherPassword}, danny),
		"resetPassword":    onDanny(nil),
		"requestPasswordLink": func(_ *testing.T, w *world) request {
			return request{by: w.visitor(), body: object{"organisation": "bash-street", "username": w.dannyName}}
		},
		"choosePassword": func(t *testing.T, w *world) request {
			t.Helper()
			token, err := w.Directory.IssueLink(t.Context(), "bash-street", directory.UserID(w.dannyID))
			if err != nil {
				t.Fatal(err)
			}
			body := chosen(otherPassword)
			body["token"] = token.Text()
			return request{by: w.visitor(), body: body}
		},
		"getUnsubscribe": optOut,
		"unsubscribe":    optOut,
	}
}

func optOut(t *testing.T, w *world) request {
	t.Helper()
	secret, err := w.Directory.IssueOptOut(t.Context(), directory.Mail{
		Org: "bash-street", User: directory.UserID(w.dannyID), Category: directory.NewsMail,
	})
	if err != nil {
		t.Fatal(err)
	}
	return request{by: w.visitor(), query: "?token=" + secret}
}
