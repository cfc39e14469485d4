package httpapi_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/httpapi"
)

// The console says every problem in its languages: the usual ones in problems.json, others in answers.json.
func TestTheConsoleSaysEveryProblemInEveryLanguage(t *testing.T) {
	t.Parallel()
	field, _ := reflect.TypeFor[httpapi.Problem]().FieldByName("Code")
	codes := strings.Split(field.Tag.Get("enum"), ",")
	languages, err := filepath.Glob("../../web/src/locales/*")
	if err != nil || len(languages) < 2 || len(codes) < 50 {
		t.Fatalf("languages %v, %v, codes %v", languages, err, codes)
	}
	for _, language := range languages {
		usual := map[string]string{}
		var others struct{ Refused map[string]string }
		read(t, filepath.Join(language, "problems.json"), &usual)
		read(t, filepath.Join(language, "answers.json"), &others)
		for _, code := range codes {
			if (usual[code] == "") == (others.Refused[code] == "") {
				t.Errorf("%s: %s is said nowhere, or twice", filepath.Base(language), code)
			}
			delete(others.Refused, code)
		}
		for code := range others.Refused {
			t.Errorf("%s: there is no problem %s", filepath.Base(language), code)
		}
	}
}

func read(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}
