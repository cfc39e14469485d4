package kms

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// CreationAPI is what CreateKey calls of *kms.Client.
type CreationAPI interface {
	CreateKey(context.Context, *kms.CreateKeyInput, ...option) (*kms.CreateKeyOutput, error)
}

// CreateKey creates a key as Sealer needs it and returns its ARN, for local use and tests; in AWS the deployment template
// creates it.
func CreateKey(ctx context.Context, client CreationAPI) (string, error) {
	out, err := client.CreateKey(ctx, &kms.CreateKeyInput{Description: aws.String("caretaker")})
	if err != nil {
		return "", fmt.Errorf("kms: create a key: %w", err)
	}
	return aws.ToString(out.KeyMetadata.Arn), nil
}
