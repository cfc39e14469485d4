package federation

import (
	"slices"

	"golang.org/x/oauth2"
)

// algorithms are the signatures that are believed. All are asymmetric: with HS256 whoever knows the client's secret could
// sign, and "none" is no signature.
var algorithms = []string{"RS256", "PS256", "ES256", "EdDSA"}

// metadata is what is used of a provider's discovery document (OpenID Connect Discovery 1.0, RFC 8414, RFC 9207). A list
// that is nil was left out.
type metadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Keys          string   `json:"jwks_uri"`
	UserInfo      string   `json:"userinfo_endpoint"`
	ResponseTypes []string `json:"response_types_supported"`
	ResponseModes []string `json:"response_modes_supported"`
	GrantTypes    []string `json:"grant_types_supported"`
	Challenges    []string `json:"code_challenge_methods_supported"`
	ClientAuth    []string `json:"token_endpoint_auth_methods_supported"`
	Signatures    []string `json:"id_token_signing_alg_values_supported"`
	// NamesIssuer says that answers to authorisation requests name the issuer.
	NamesIssuer bool `json:"authorization_response_iss_parameter_supported"`
}

// check finds what keeps the provider from being used.
func (m metadata) check(issuer string, allowed func(address string) bool) error {
	for _, rule := range []struct {
		broken bool
		what   string
	}{
		{m.Issuer != issuer, "its metadata are those of another issuer; the address must be written exactly as the provider writes it"},
		{!allowed(m.Authorization), "its authorization endpoint is not an https address"},
		{!allowed(m.Token), "its token endpoint is not an https address"},
		{!allowed(m.Keys), "its keys are not at an https address"},
		{m.UserInfo != "" && !allowed(m.UserInfo), "its UserInfo endpoint is not an https address"},
		{lacks(m.ResponseTypes, "code") || lacks(m.GrantTypes, "authorization_code"), "it does not offer the authorisation code flow"},
		{lacks(m.ResponseModes, "query"), "it does not send answers in the query of an address"},
		{lacks(m.Challenges, "S256"), "it does not support PKCE with S256"},
		{lacks(m.Signatures, algorithms...), "it signs ID tokens in none of the ways that are trusted"},
	} {
		if rule.broken {
			return misconfigured(rule.what, nil)
		}
	}
	return nil
}

// lacks tells that a list is there and has none of the values.
func lacks(list []string, values ...string) bool {
	return list != nil && !slices.ContainsFunc(values, func(v string) bool { return slices.Contains(list, v) })
}

// signatures are those that both sides accept.
func (m metadata) signatures() []string {
	if m.Signatures == nil {
		return algorithms
	}
	return slices.DeleteFunc(slices.Clone(algorithms), func(a string) bool { return !slices.Contains(m.Signatures, a) })
}

// authStyle is how the client's secret is sent. It is read from the metadata rather than tried out, for a code that was
// refused once need not be accepted at the second try.
func (m metadata) authStyle(secret string) (oauth2.AuthStyle, error) {
	switch {
	case secret == "":
		return oauth2.AuthStyleInParams, nil
	case !lacks(m.ClientAuth, "client_secret_basic"):
		return oauth2.AuthStyleInHeader, nil
	case !lacks(m.ClientAuth, "client_secret_post"):
		return oauth2.AuthStyleInParams, nil
	}
	return 0, misconfigured("it does not accept client secrets", nil)
}

// checkAnswer compares the parameter iss of an authorisation response (RFC 9207): a wrong one comes from another
// provider, which would otherwise be handed this one's code, or the other way round.
func (m metadata) checkAnswer(iss, code string) error {
	if iss != "" && iss != m.Issuer || iss == "" && m.NamesIssuer {
		return refused("the answer does not name the provider that was asked", nil)
	}
	if code == "" {
		return refused("the answer has no code", nil)
	}
	return nil
}
