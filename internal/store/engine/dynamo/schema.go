package dynamo

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// TTLAttribute is the attribute that the table's time to live is to be set to. CreateTable's input has no place for
// it, in DynamoDB as here.
const TTLAttribute = attrExpires

// Schema is the table that the engine needs. template.yaml declares the same.
func Schema(table string) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName:            &table,
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{definition(attrPartition), definition(attrSort)},
		KeySchema:            keySchema(attrPartition, attrSort),
		StreamSpecification: &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewImage,
		},
	}
	for _, slot := range engine.Indexes() {
		partition, sort := attrPosition(slot)
		in.AttributeDefinitions = append(in.AttributeDefinitions, definition(partition), definition(sort))
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName:  indexName(slot),
			KeySchema:  keySchema(partition, sort),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		})
	}
	return in
}

// indexName is the index's name in the table. DynamoDB wants three characters at least.
func indexName(slot engine.Index) *string { return aws.String("by-" + string(slot)) }

func definition(name string) types.AttributeDefinition {
	return types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeTypeS}
}

func keySchema(partition, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: &partition, KeyType: types.KeyTypeHash},
		{AttributeName: &sort, KeyType: types.KeyTypeRange},
	}
}

// Admin is what CreateTable calls. *dynamodb.Client has it.
type Admin interface {
	dynamodb.DescribeTableAPIClient
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...option) (*dynamodb.CreateTableOutput, error)
	UpdateTimeToLive(
		context.Context, *dynamodb.UpdateTimeToLiveInput, ...option,
	) (*dynamodb.UpdateTimeToLiveOutput, error)
}

// creation bounds the wait for a new table, which DynamoDB Local has at once and AWS within a minute.
const creation = 5 * time.Minute

// CreateTable makes the table of the Schema and returns when it can be used. It is for DynamoDB Local and for tests;
// in AWS the table belongs to the stack.
func CreateTable(ctx context.Context, client Admin, table string) error {
	if _, err := client.CreateTable(ctx, Schema(table)); err != nil {
		return fmt.Errorf("create table %s: %w", table, err)
	}
	wait := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, 5*time.Second
	})
	if err := wait.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &table}, creation); err != nil {
		return fmt.Errorf("await table %s: %w", table, err)
	}
	_, err := client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: &table,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: aws.String(TTLAttribute), Enabled: aws.Bool(true),
		},
	})
	if err != nil {
		return fmt.Errorf("set time to live of table %s: %w", table, err)
	}
	return nil
}
