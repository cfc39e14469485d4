package app

import (
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
)

// Config is what an installation decides. On AWS template.yaml sets it as environment variables.
type Config struct {
	Table            string   // TABLE: the DynamoDB table
	PoolID           string   // USER_POOL_ID: the Cognito user pool
	ClientID         string   // USER_POOL_CLIENT_ID: its app client
	BaseURL          string   // BASE_URL: where browsers reach the service, such as "https://users.example.org"
	MailFrom         string   // MAIL_FROM: the sender's address
	MailFromNews     string   // MAIL_FROM_NEWS: the sender's address of mails with an opt-out; "" is the same
	ConfigurationSet string   // CONFIGURATION_SET: of SES
	Product          string   // PRODUCT: the service's name as users know it
	MailRate         int      // MAIL_RATE: how many mails a second SES may be sent, by all functions together; 0 is no bound
	TrustedOrigins   []string // TRUSTED_ORIGINS: other pages that may send changes, separated by commas
	SealingKey       string   // SEALING_KEY: the KMS key for secrets that have to be read again
	// AllowLoopback lets identity providers be on this machine: the local runner's and tests' alone, never read from the
	// environment.
	AllowLoopback bool
	Log           *slog.Logger
}

// ConfigFromEnv reads the configuration. Of the names it needs it says all that are missing.
func ConfigFromEnv(getenv func(string) string, needed ...string) (Config, error) {
	var missing []string
	for _, name := range needed {
		if getenv(name) == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return Config{}, fmt.Errorf("these environment variables must be set: %s", strings.Join(missing, ", "))
	}
	c := Config{
		Table: getenv("TABLE"), PoolID: getenv("USER_POOL_ID"), ClientID: getenv("USER_POOL_CLIENT_ID"),
		BaseURL: getenv("BASE_URL"), MailFrom: getenv("MAIL_FROM"), MailFromNews: getenv("MAIL_FROM_NEWS"), ConfigurationSet: getenv("CONFIGURATION_SET"),
		Product: getenv("PRODUCT"), SealingKey: getenv("SEALING_KEY"), Log: slog.New(slog.NewJSONHandler(os.Stdout, nil)),
	}
	if c.Product == "" {
		c.Product = "Caretaker"
	}
	if rate := getenv("MAIL_RATE"); rate != "" {
		n, err := strconv.Atoi(rate)
		if err != nil || n < 1 {
			return Config{}, fmt.Errorf("MAIL_RATE is %q, must be how many mails a second may be sent, at least 1", rate)
		}
		c.MailRate = n
	}
	if origins := getenv("TRUSTED_ORIGINS"); origins != "" {
		c.TrustedOrigins = strings.Split(origins, ",")
	}
	return c, nil
}
