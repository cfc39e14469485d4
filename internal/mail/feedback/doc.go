// Package feedback owns the reading of what Amazon SES says about mails after it took them: that they bounced, that
// somebody complained, and the rest (event publishing, through SNS or EventBridge). It decides nothing about addresses
// or accounts, and it neither calls AWS nor stores anything.
package feedback
