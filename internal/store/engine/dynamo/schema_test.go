package dynamo_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

func TestTableIsTheSchema(t *testing.T) {
	t.Parallel()
	client := local(t)
	name := newTable(t, client)
	out, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	got, want := out.Table, dynamo.Schema(name)
	byName := cmpopts.SortSlices(func(a, b types.AttributeDefinition) bool { return *a.AttributeName < *b.AttributeName })
	unexported := cmpopts.IgnoreUnexported(
		types.AttributeDefinition{}, types.KeySchemaElement{}, types.StreamSpecification{}, types.Projection{},
	)
	for what, pair := range map[string][2]any{
		"attributes": {want.AttributeDefinitions, got.AttributeDefinitions},
		"key":        {want.KeySchema, got.KeySchema},
		"stream":     {want.StreamSpecification, got.StreamSpecification},
		"billing":    {want.BillingMode, got.BillingModeSummary.BillingMode},
		"indexes":    {6, len(got.GlobalSecondaryIndexes)},
	} {
		if diff := cmp.Diff(pair[0], pair[1], byName, unexported); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	for _, index := range got.GlobalSecondaryIndexes {
		if index.Projection.ProjectionType != types.ProjectionTypeAll {
			t.Errorf("%s holds %s", *index.IndexName, index.Projection.ProjectionType)
		}
	}
	ttl, err := client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	d := ttl.TimeToLiveDescription
	if d.TimeToLiveStatus != types.TimeToLiveStatusEnabled || *d.AttributeName != dynamo.TTLAttribute {
		t.Errorf("time to live is %+v", d)
	}
}

func TestTableIsMadeOnce(t *testing.T) {
	t.Parallel()
	client := local(t)
	if err := dynamo.CreateTable(t.Context(), client, newTable(t, client)); err != nil {
		return
	}
	t.Error("a table was made over another")
}
