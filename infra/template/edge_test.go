package template_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/infra"
	"github.com/caretaker/caretaker/infra/template/samfile"
	"github.com/caretaker/caretaker/internal/edge"
	"github.com/caretaker/caretaker/internal/httpapi"
)

const edgeFile = "../edge.yaml"

// loadEdge reads the template of what stands in front.
func loadEdge(tb testing.TB) template {
	tb.Helper()
	var t template
	if err := samfile.Read(edgeFile, &t); err != nil {
		tb.Fatal(err)
	}
	return t
}

// distribution is as much of CloudFront's as is looked at.
type distribution struct {
	DistributionConfig struct {
		Origins []struct {
			DomainName          any
			OriginCustomHeaders []struct{ HeaderName, HeaderValue any }
			CustomOriginConfig  struct {
				OriginProtocolPolicy string
				OriginSSLProtocols   []string
			}
		}
		WebACLId             any
		ViewerCertificate    struct{ MinimumProtocolVersion string }
		DefaultCacheBehavior behavior
		CacheBehaviors       []behavior
		CustomErrorResponses []struct {
			ErrorCode, ErrorCachingMinTTL int
			ResponsePagePath              string
		}
	}
}

type behavior struct {
	PathPattern, ViewerProtocolPolicy, CachePolicyID string
	ResponseHeadersPolicyID                          any
	AllowedMethods                                   []string
}

const (
	cachingDisabled  = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" // AWS's own policies have the same id everywhere
	cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
)

func edgeDistribution(tb testing.TB) (d distribution) {
	tb.Helper()
	into(tb, loadEdge(tb).Resources["Distribution"].Properties, &d)
	return d
}

// It is handed to CloudFormation as it is, which reads neither aliases nor more than 51,200 bytes.
func TestTheEdgesTemplateIsWhatCloudFormationReads(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(edgeFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != infra.EdgeTemplate || len(text) > 51_200 {
		t.Errorf("%d bytes are deployed, %d are there", len(infra.EdgeTemplate), len(text))
	}
	if found := regexp.MustCompile(`(?m)[:-] +[&*]\w+`).FindAllString(string(text), -1); found != nil {
		t.Errorf("there are aliases: %q", found)
	}
}

// One person's answers are nobody else's: nothing is kept but the console's files, whose names change with them.
func TestTheEdgeKeepsNothingOfTheAPI(t *testing.T) {
	t.Parallel()
	c := edgeDistribution(t).DistributionConfig
	if c.DefaultCacheBehavior.CachePolicyID != cachingDisabled || len(c.DefaultCacheBehavior.AllowedMethods) != 7 {
		t.Errorf("%+v", c.DefaultCacheBehavior)
	}
	if len(c.CacheBehaviors) != 1 || c.CacheBehaviors[0].PathPattern != "/assets/*" || c.CacheBehaviors[0].CachePolicyID != cachingOptimized {
		t.Errorf("%+v", c.CacheBehaviors)
	}
	kept := map[int]bool{400: true, 403: true, 404: true, 405: true, 414: true, 416: true, 500: true, 501: true, 502: true, 503: true, 504: true}
	for _, e := range c.CustomErrorResponses {
		if e.ErrorCachingMinTTL == 0 && e.ResponsePagePath == "" {
			delete(kept, e.ErrorCode)
		}
	}
	if len(kept) > 0 {
		t.Errorf("CloudFront keeps errors %v for ten seconds, or says something else instead", kept)
	}
}

func TestTheEdgeIsReachedAndReachesByTLSOnly(t *testing.T) {
	t.Parallel()
	c := edgeDistribution(t).DistributionConfig
	for _, b := range append(c.CacheBehaviors, c.DefaultCacheBehavior) {
		if b.ViewerProtocolPolicy != "redirect-to-https" || b.ResponseHeadersPolicyID != nil {
			t.Errorf("%+v", b)
		}
	}
	o := c.Origins[0]
	if len(c.Origins) != 1 || c.ViewerCertificate.MinimumProtocolVersion != "TLSv1.2_2021" || o.CustomOriginConfig.OriginProtocolPolicy != "https-only" ||
		!slices.Equal(o.CustomOriginConfig.OriginSSLProtocols, []string{"TLSv1.2"}) || !cmp.Equal(c.WebACLId, attribute("Firewall.Arn")) {
		t.Errorf("%+v", c)
	}
}

// What the program reads of a request reaches it, and the secret is under the name that it looks for.
func TestTheEdgeHandsOnWhatTheProgramReads(t *testing.T) {
	t.Parallel()
	o := edgeDistribution(t).DistributionConfig.Origins[0]
	if h := o.OriginCustomHeaders; len(h) != 1 || strings.ToLower(fmt.Sprint(h[0].HeaderName)) != edge.SecretHeader || !cmp.Equal(h[0].HeaderValue, ref("OriginSecret")) {
		t.Errorf("CloudFront shows %v", o.OriginCustomHeaders)
	}
	all := loadEdge(t)
	if secret := all.Parameters["OriginSecret"]; !secret.NoEcho || secret.Default != nil {
		t.Error("the secret can be read back")
	}
	var policy struct {
		OriginRequestPolicyConfig struct {
			HeadersConfig struct {
				HeaderBehavior string
				Headers        []string
			}
			CookiesConfig      struct{ CookieBehavior string }
			QueryStringsConfig struct{ QueryStringBehavior string }
		}
	}
	into(t, all.Resources["ApiReads"].Properties, &policy)
	c := policy.OriginRequestPolicyConfig
	if c.HeadersConfig.HeaderBehavior != "whitelist" || c.CookiesConfig.CookieBehavior != "all" || c.QueryStringsConfig.QueryStringBehavior != "all" {
		t.Errorf("%+v", c)
	}
	handed := map[string]bool{}
	for _, h := range c.HeadersConfig.Headers {
		handed[strings.ToLower(h)] = true
	}
	if len(handed) > 10 || handed["host"] {
		t.Errorf("CloudFront takes ten, and the API no other host than its own: %v", handed)
	}
	want := []string{edge.ViewerHeader, "origin", "sec-fetch-site", "user-agent", "content-type", "accept", "access-control-request-method", "access-control-request-headers"}
	for _, item := range httpapi.Document().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			for _, p := range op.Parameters {
				if p.In == "header" {
					want = append(want, strings.ToLower(p.Name))
				}
			}
		}
	}
	for _, name := range want {
		if !handed[name] {
			t.Errorf("%s does not reach the program", name)
		}
	}
}

// firewall is as much of WAF's as is looked at.
type firewall struct {
	Scope            string
	VisibilityConfig struct{ SampledRequestsEnabled bool }
	Rules            []struct {
		Name             string
		Action           map[string]any
		OverrideAction   map[string]any
		VisibilityConfig struct{ SampledRequestsEnabled bool }
		Statement        struct {
			RateBasedStatement *struct {
				AggregateKeyType   string
				Limit              any
				ScopeDownStatement any
			}
			ManagedRuleGroupStatement *struct{ Name string }
		}
	}
}

func TestTheFirewallHasItsRulesAndSlowsSignInsDown(t *testing.T) {
	t.Parallel()
	var f firewall
	into(t, loadEdge(t).Resources["Firewall"].Properties, &f)
	var groups []string
	narrow := map[string]bool{} // what paths begin with
	for _, r := range f.Rules {
		if r.VisibilityConfig.SampledRequestsEnabled {
			t.Errorf("samples of %s show cookies", r.Name)
		}
		switch s := r.Statement; {
		case s.ManagedRuleGroupStatement != nil:
			groups = append(groups, s.ManagedRuleGroupStatement.Name)
			if _, refuses := r.OverrideAction["None"]; !refuses {
				t.Errorf("%s only counts", r.Name)
			}
		case s.RateBasedStatement != nil:
			if _, refuses := r.Action["Block"]; !refuses || s.RateBasedStatement.AggregateKeyType != "IP" {
				t.Errorf("%s: %+v", r.Name, r)
			}
			for _, text := range texts(s.RateBasedStatement.ScopeDownStatement) {
				if strings.HasPrefix(text, "/") {
					narrow[text] = true
				}
			}
		}
	}
	slices.Sort(groups)
	if want := []string{"AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"}; !slices.Equal(groups, want) {
		t.Errorf("managed rules are %v", groups)
	}
	if f.Scope != "CLOUDFRONT" || f.VisibilityConfig.SampledRequestsEnabled {
		t.Errorf("%+v", f)
	}
	// What the API itself is slow at, because a secret is looked at or a mail written, the firewall is strict about.
	for _, op := range httpapi.Operations() {
		if op.Method != http.MethodPost || op.Access != httpapi.Public || op.Anywhere {
			continue
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(narrow)), func(begins string) bool { return strings.HasPrefix(httpapi.Prefix+op.Path, begins) }) {
			t.Errorf("%s %s has no limit of its own among %v", op.Method, op.Path, narrow)
		}
	}
}

func TestTheFirewallsLogHoldsNoSecret(t *testing.T) {
	t.Parallel()
	var logging struct {
		RedactedFields []struct {
			SingleHeader *struct{ Name string }
			QueryString  *struct{}
		}
		LoggingFilter struct{ DefaultBehavior string }
	}
	all := loadEdge(t)
	into(t, all.Resources["FirewallLogging"].Properties, &logging)
	hidden := map[string]bool{}
	for _, f := range logging.RedactedFields {
		if f.SingleHeader != nil {
			hidden[f.SingleHeader.Name] = true
		}
		hidden["the query"] = hidden["the query"] || f.QueryString != nil
	}
	for _, name := range []string{"cookie", "authorization", "the query"} {
		if !hidden[name] {
			t.Errorf("%s is logged", name)
		}
	}
	if logging.LoggingFilter.DefaultBehavior != "DROP" {
		t.Error("everybody's requests are logged, and not only those that were refused")
	}
	if group := all.properties(t, "FirewallLogs"); !cmp.Equal(group["RetentionInDays"], ref("LogRetentionDays")) || !strings.HasPrefix(texts(group["LogGroupName"])[0], "aws-waf-logs-") {
		t.Errorf("%v", group)
	}
}

// The functions read the hashes of the stage's variable, and only where an edge is wanted.
func TestTheAPITellsFunctionsWhomToBelieve(t *testing.T) {
	t.Parallel()
	all := load(t)
	want := map[string]any{"!If": []any{"ShutToOthers", map[string]any{edge.Variable: ref("OriginSecretHashes")}, ref("AWS::NoValue")}}
	if got := all.properties(t, "Api")["StageVariables"]; !cmp.Equal(got, want) {
		t.Errorf("the stage has %v", got)
	}
	pattern := regexp.MustCompile("^(?:" + all.Parameters["OriginSecretHashes"].AllowedPattern + ")$")
	one := edge.Hash("one")
	for list, fits := range map[string]bool{"": true, one: true, one + "," + edge.Hash("two"): true, one + ",": false, "secret": false, one + "," + one + "," + one: false} {
		if pattern.MatchString(list) != fits {
			t.Errorf("%q is taken: %t", list, !fits)
		}
	}
}

// What the deployment passes to the edge it has, and nothing else is without a default.
func TestTheEdgesParametersAreThoseThatAreSet(t *testing.T) {
	t.Parallel()
	var needed []string
	for name, p := range loadEdge(t).Parameters {
		if p.Default == nil {
			needed = append(needed, name)
		}
	}
	slices.Sort(needed)
	if want := []string{"CertificateArn", "DomainName", "OriginDomain", "OriginSecret", "OriginSecretHash"}; !slices.Equal(needed, want) {
		t.Errorf("%v have to be set", needed)
	}
}
