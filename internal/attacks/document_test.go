package attacks_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// asvs are the levels of the requirements of OWASP ASVS 5.0, by section, in their order.
var asvs = map[string]string{
	"6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223", "6.7": "33", "6.8": "2222",
	"7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
	"8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
}

// docs/security.md has a line for each requirement, and the tests that it names are there.
func TestTheSecurityDocumentIsKept(t *testing.T) {
	t.Parallel()
	document := string(file(t, "../../docs/security.md"))
	for section, levels := range asvs {
		for i, level := range levels {
			line := regexp.MustCompile(fmt.Sprintf(`(?m)^\| %s\.%d \| %c \| [^|]+ \| (yes|no|partly|policy|console) \|`, regexp.QuoteMeta(section), i+1, level))
			if n := len(line.FindAllString(document, -1)); n != 1 {
				t.Errorf("%s.%d of level %c has %d lines, want one", section, i+1, level, n)
			}
		}
	}
	there := tests(t)
	named := regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(document, -1)
	for _, name := range named {
		if !strings.Contains(there, "\nfunc "+name[1]+"(t *testing.T)") {
			t.Errorf("there is no test %s", name[1])
		}
	}
	if len(named) < 60 {
		t.Errorf("only %d tests are named", len(named))
	}
}

// tests is the text of all test files.
func tests(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, folder := range []string{"..", "../../infra"} {
		err := filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, "_test.go") {
				all.Write(file(t, path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}
