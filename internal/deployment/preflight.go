package deployment

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	sestypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Accounts is what is called of *sts.Client.
type Accounts interface {
	GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error)
}

// Mails is what is called of *sesv2.Client.
type Mails interface {
	GetAccount(context.Context, *sesv2.GetAccountInput, ...func(*sesv2.Options)) (*sesv2.GetAccountOutput, error)
	GetEmailIdentity(context.Context, *sesv2.GetEmailIdentityInput, ...func(*sesv2.Options)) (*sesv2.GetEmailIdentityOutput, error)
}

// Level says what a finding means for the deployment.
type Level string

// What a finding can mean.
const (
	OK      Level = "ok"
	Look    Level = "look"    // it can be deployed, and somebody should know
	Missing Level = "missing" // it must not be deployed yet
)

// Finding is one thing that was looked at: what is so and, unless that is well, what to do.
type Finding struct {
	Level    Level
	What, Do string
}

// Preflight looks at what a deployment needs before it is begun.
type Preflight struct {
	Plan     Plan
	Front    Plan // of the edge, if there is one
	Accounts Accounts
	Mails    Mails
	Stacks   Stacks
}

// Run looks at everything; what cannot be looked at without something else that is missing is left out. It is not ready if
// anything is missing.
func (p Preflight) Run(ctx context.Context) (found []Finding, ready bool) {
	found = p.names()
	account := p.account(ctx)
	found = append(found, account)
	if account.Level == OK {
		found = append(found, p.stack(ctx))
		found = append(found, p.mail(ctx)...)
		if identity := p.Plan.Parameters["MailIdentity"]; !placeholder(identity) {
			found = append(found, p.identity(ctx, identity))
		}
	}
	ready = true
	for _, f := range found {
		ready = ready && f.Level != Missing
	}
	return found, ready
}

// names looks at samconfig.toml alone.
func (p Preflight) names() []Finding {
	set := p.Plan.Parameters
	var found []Finding
	for _, name := range p.Plan.Placeholders() {
		found = append(found, Finding{
			Missing, fmt.Sprintf("%s is still the placeholder %s", name, set[name]),
			"put a name of your own into [" + p.Plan.Stage + ".deploy.parameters] of samconfig.toml",
		})
	}
	if len(found) == 0 {
		found = append(found, Finding{OK, fmt.Sprintf("samconfig.toml plans %s in %s, for https://%s", p.Plan.Stack, p.Plan.Region, set["DomainName"]), ""})
	}
	for _, name := range []string{"MailFrom", "MailFromNews"} {
		if from := set[name]; from != "" && !belongs(from, set["MailIdentity"]) {
			found = append(found, Finding{
				Missing, fmt.Sprintf("%s is %s, which does not belong to MailIdentity %s", name, from, set["MailIdentity"]),
				"SES sends from addresses of the verified identity alone; change one of the two in samconfig.toml",
			})
		}
	}
	if p.Plan.BehindEdge() {
		return append(found, p.edge())
	}
	if set["CertificateArn"] == "" {
		found = append(found, Finding{
			Look, "there is no CertificateArn, so the stack does not answer under " + set["DomainName"] + " by itself",
			"after the deployment, put that host in front of the output ApiEndpoint, or set CertificateArn",
		})
	}
	return found
}

// edge looks at the plan of what is to stand in front.
func (p Preflight) edge() Finding {
	section := "[" + EdgeStage(p.Plan.Stage) + ".deploy.parameters] of samconfig.toml"
	switch {
	case p.Front.Stack == "":
		return Finding{Missing, "Edge is yes, and there is no plan of the edge", "write " + section + ", as docs/operating.md says"}
	case len(p.Front.Placeholders()) > 0:
		return Finding{
			Missing, "the edge still has placeholders for " + strings.Join(p.Front.Placeholders(), ", "), "put names of your own into " + section,
		}
	case p.Front.Region != EdgeRegion:
		return Finding{Missing, "the edge is planned in " + p.Front.Region, "AWS wants it in " + EdgeRegion + "; change region in " + section}
	case !strings.HasPrefix(p.Front.Parameters["CertificateArn"], "arn:aws:acm:"+EdgeRegion+":"):
		return Finding{
			Missing, "the edge has no certificate of " + EdgeRegion,
			"aws acm request-certificate --validation-method DNS --region " + EdgeRegion + " --domain-name " + p.Plan.Parameters["DomainName"] +
				", enter the record that it asks for, and set CertificateArn in " + section,
		}
	}
	return Finding{OK, "the edge is planned as " + p.Front.Stack + ", by docs/operating.md", ""}
}

// belongs tells whether an address is the identity, or of its domain or one below.
func belongs(address, identity string) bool {
	_, domain, _ := strings.Cut(address, "@")
	return address == identity || domain == identity || strings.HasSuffix(domain, "."+identity)
}

func (p Preflight) account(ctx context.Context) Finding {
	me, err := p.Accounts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Finding{
			Missing, fmt.Sprintf("no AWS account can be reached with the credentials there are: %v", err),
			"sign in, for example with `aws sso login`, and set AWS_PROFILE",
		}
	}
	return Finding{OK, fmt.Sprintf("account %s, as %s", aws.ToString(me.Account), aws.ToString(me.Arn)), ""}
}

// stack looks whether what was deployed before, if anything, can be deployed over.
func (p Preflight) stack(ctx context.Context) Finding {
	s, err := describe(ctx, p.Stacks, p.Plan.Stack)
	state := string(s.StackStatus)
	switch {
	case errors.Is(err, ErrNoStack):
		return Finding{OK, "the stack " + p.Plan.Stack + " will be new", ""}
	case err != nil:
		return Finding{Missing, err.Error(), "the account must be allowed to use CloudFormation"}
	case s.StackStatus == types.StackStatusRollbackComplete || s.StackStatus == types.StackStatusRollbackFailed:
		return Finding{
			Missing, "the stack " + p.Plan.Stack + " is " + state + ": its first deployment failed, and it cannot be deployed over",
			"look at its events for the cause, then: aws cloudformation delete-stack --stack-name " + p.Plan.Stack +
				". A table, user pool and key that it made stay behind, for they are kept at a deletion; if they are empty, delete them by hand",
		}
	case s.StackStatus == types.StackStatusUpdateRollbackFailed:
		return Finding{
			Missing, "the stack " + p.Plan.Stack + " is " + state + ": an update failed, and so did taking it back",
			"aws cloudformation continue-update-rollback --stack-name " + p.Plan.Stack,
		}
	case strings.HasSuffix(state, "_IN_PROGRESS") && s.StackStatus != types.StackStatusReviewInProgress:
		return Finding{Missing, "the stack " + p.Plan.Stack + " is " + state, "wait until that has ended"}
	}
	return Finding{OK, "the stack " + p.Plan.Stack + " is " + state + " and will be updated", ""}
}

// mail looks at the account's leave to send.
func (p Preflight) mail(ctx context.Context) []Finding {
	a, err := p.Mails.GetAccount(ctx, &sesv2.GetAccountInput{})
	if err != nil {
		return []Finding{{Missing, fmt.Sprintf("SES cannot be asked: %v", err), "the account must be allowed ses:GetAccount in " + p.Plan.Region}}
	}
	if !a.SendingEnabled {
		return []Finding{{
			Missing, "SES does not let the account send (" + aws.ToString(a.EnforcementStatus) + ")",
			"look at the Account health page of SES in " + p.Plan.Region,
		}}
	}
	return append(p.sandbox(a), p.rate(a)...)
}

// sandbox tells of an account that may write to verified addresses only, which staging can live with.
func (p Preflight) sandbox(a *sesv2.GetAccountOutput) []Finding {
	if a.ProductionAccessEnabled {
		return []Finding{{OK, "SES may send to anybody", ""}}
	}
	level := Look
	if p.Plan.Stage == "production" {
		level = Missing
	}
	return []Finding{{
		level, "SES is in its sandbox: mails reach verified addresses and nobody else",
		"ask for production access (SES, Account dashboard, Request production access), which takes about a day",
	}}
}

// rate compares MailRate with what SES takes.
func (p Preflight) rate(a *sesv2.GetAccountOutput) []Finding {
	if a.SendQuota == nil {
		return nil
	}
	planned, err := strconv.ParseFloat(p.Plan.Parameters["MailRate"], 64)
	if err != nil {
		planned = 10 // the template's own
	}
	may := a.SendQuota.MaxSendRate
	if planned <= may*4/5 || may <= 1 && planned <= 1 {
		return nil
	}
	return []Finding{{
		Missing, fmt.Sprintf("MailRate is %g mails a second; SES takes %g", planned, may),
		fmt.Sprintf("set MailRate=%d in samconfig.toml, four fifths of it at most", max(1, int(may*4/5))),
	}}
}

func (p Preflight) identity(ctx context.Context, identity string) Finding {
	i, err := p.Mails.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: &identity})
	var unknown *sestypes.NotFoundException
	switch {
	case errors.As(err, &unknown):
		return Finding{
			Missing, "SES does not know the identity " + identity,
			"aws sesv2 create-email-identity --email-identity " + identity + " --region " + p.Plan.Region +
				", then enter the three CNAME records that it answers into the domain's DNS",
		}
	case err != nil:
		return Finding{Missing, fmt.Sprintf("SES cannot be asked about %s: %v", identity, err), "the account must be allowed ses:GetEmailIdentity"}
	case !i.VerifiedForSendingStatus:
		return Finding{
			Missing, "SES has not verified " + identity + " yet",
			"enter the DNS records that SES shows for it; an address is verified by the link in the mail that SES sent",
		}
	}
	return Finding{OK, "SES has verified " + identity, ""}
}
