package template_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// transformed is what SAM's transform makes of the template, which is what CloudFormation's limits are about.
type transformed struct {
	Resources           map[string]resource
	Parameters, Outputs map[string]any

	size int
}

var transform = sync.OnceValues(func() ([]byte, error) {
	python := exec.Command("../../.tools/sam/bin/python", "transform.py", "../../template.yaml")
	python.Stderr = os.Stderr
	return python.Output()
})

func loadTransformed(tb testing.TB) (t transformed) {
	tb.Helper()
	text, err := transform()
	if err == nil {
		err = json.Unmarshal(text, &t)
	}
	if err != nil {
		tb.Fatalf("SAM's transform: %v (make sam-cli installs it)", err)
	}
	t.size = len(text)
	return t
}

func TestTheTemplateFitsIntoCloudFormationsLimits(t *testing.T) {
	t.Parallel()
	made := loadTransformed(t)
	for what, c := range map[string]struct{ is, limit int }{ // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
		"resources":  {len(made.Resources), 500},
		"bytes":      {made.size, 1 << 20},
		"parameters": {len(made.Parameters), 200},
		"outputs":    {len(made.Outputs), 200},
	} {
		t.Logf("%d of %d %s", c.is, c.limit, what)
		if c.is == 0 || c.is > c.limit*3/4 { // with room for the next change
			t.Errorf("%d %s, %d are possible", c.is, what, c.limit)
		}
	}
}

// maxPolicy is the most bytes that a function's own policy may have, and each of its aliases (Lambda's quotas).
const maxPolicy = 20 << 10

// TestPermissionsOfAFunctionFitIntoItsPolicy reckons with the longest stack name that is deployed, and with all that SAM adds.
func TestPermissionsOfAFunctionFitIntoItsPolicy(t *testing.T) {
	t.Parallel()
	stack, random := longestStack(t), strings.Repeat("x", 12) // what CloudFormation puts behind names
	sizes := map[string]int{}
	for id, r := range loadTransformed(t).Resources {
		if r.Type != "AWS::Lambda::Permission" {
			continue
		}
		var p struct {
			FunctionName struct{ Ref string }
			Principal    string
			SourceArn    any
		}
		into(t, r.Properties, &p)
		function := stack + "-" + p.FunctionName.Ref + "-" + random
		statement, err := json.Marshal(map[string]any{
			"Sid": stack + "-" + id + "-" + random, "Effect": "Allow", "Principal": map[string]string{"Service": p.Principal},
			"Action": "lambda:InvokeFunction", "Resource": "arn:aws:lambda:eu-west-2:123456789012:function:" + function,
			"Condition": map[string]any{"ArnLike": map[string]any{"AWS:SourceArn": p.SourceArn}}, // about as long as what it becomes
		})
		if err != nil {
			t.Fatal(err)
		}
		sizes[p.FunctionName.Ref] += len(statement) + len(",")
	}
	if len(sizes) == 0 {
		t.Error("nothing may invoke a function")
	}
	for function, size := range sizes {
		t.Logf("%s: %d of %d bytes", function, size, maxPolicy)
		if size > maxPolicy/2 {
			t.Errorf("the policy of %s would have %d bytes, at most %d are possible", function, size, maxPolicy)
		}
	}
}

// longestStack is the longest name of a stack that samconfig.toml has.
func longestStack(tb testing.TB) string {
	tb.Helper()
	text, err := os.ReadFile("../../samconfig.toml")
	if err != nil {
		tb.Fatal(err)
	}
	longest := ""
	for _, name := range stackName.FindAllStringSubmatch(string(text), -1) {
		if len(name[1]) > len(longest) {
			longest = name[1]
		}
	}
	if longest == "" {
		tb.Fatal("no stack has a name")
	}
	return longest
}

// CloudFormation makes what is referred to first, so a circle cannot be deployed. There nearly is one: the API leads to an alias,
// whose deployment watches alarms, which read figures of the function.
func TestNothingIsNeededBeforeItself(t *testing.T) {
	t.Parallel()
	made := loadTransformed(t)
	needed := map[string][]string{}
	for id, r := range made.Resources {
		var all any
		into(t, r, &all)
		for _, name := range references(all) {
			if _, ours := made.Resources[name]; ours && name != id {
				needed[id] = append(needed[id], name)
			}
		}
	}
	done, links := map[string]bool{}, 0
	var visit func(id string, above []string)
	visit = func(id string, above []string) {
		if slices.Contains(above, id) {
			t.Fatalf("a circle: %v", append(above, id))
		}
		if done[id] {
			return
		}
		for _, n := range needed[id] {
			links++
			visit(n, append(above, id))
		}
		done[id] = true
	}
	for id := range made.Resources {
		visit(id, nil)
	}
	if links < len(made.Resources) {
		t.Errorf("only %d references were found", links)
	}
}

// inText finds what a text of Fn::Sub refers to.
var inText = regexp.MustCompile(`\$\{(\w+)`)

// references lists the resources that a value refers to, as far as they are any.
func references(value any) (found []string) {
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			found = append(found, references(v)...)
		}
	case map[string]any:
		for name, v := range value {
			switch name {
			case "Ref", "DependsOn":
				found = append(found, texts(v)...)
			case "Fn::GetAtt":
				found = append(found, strings.Split(texts(v)[0], ".")[0])
			case "Fn::Sub":
				for _, text := range texts(v) {
					for _, m := range inText.FindAllStringSubmatch(text, -1) {
						found = append(found, m[1])
					}
				}
			}
			found = append(found, references(v)...)
		}
	}
	return found
}
