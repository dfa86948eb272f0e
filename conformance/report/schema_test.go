package report

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A schema checks values against schema.json: as much of JSON Schema as is used
// there. A keyword that it does not know is a fault of the test.
type schema struct{ root map[string]any }

func loadSchema(t *testing.T) schema {
	t.Helper()
	text, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(text, &s.root); err != nil {
		t.Fatal(err)
	}
	return s
}

// check gives what is wrong with a value, each as path: what.
func (s schema) check(rule map[string]any, value any, path string) []string {
	var wrong []string
	fail := func(format string, args ...any) { wrong = append(wrong, path+": "+fmt.Sprintf(format, args...)) }
	for keyword, arg := range rule {
		switch keyword {
		case "$schema", "$defs", "title", "description", "additionalProperties", "items", "required":
		case "$ref":
			name := strings.TrimPrefix(arg.(string), "#/$defs/")
			wrong = append(wrong, s.check(s.root["$defs"].(map[string]any)[name].(map[string]any), value, path)...)
		case "type":
			if got := typeOf(value); got != arg && (got != "integer" || arg != "number") {
				fail("is %s, not %s", got, arg)
			}
		case "const":
			if value != arg {
				fail("is %v, not %v", value, arg)
			}
		case "enum":
			if !slices.Contains(arg.([]any), value) {
				fail("%v is none of %v", value, arg)
			}
		case "pattern":
			if text, ok := value.(string); !ok || !regexp.MustCompile(arg.(string)).MatchString(text) {
				fail("%v does not match %s", value, arg)
			}
		case "minimum":
			if n, ok := value.(float64); !ok || n < arg.(float64) {
				fail("%v is below %v", value, arg)
			}
		case "properties":
			wrong = append(wrong, s.checkObject(rule, value, path)...)
		default:
			fail("the schema's keyword %s is not checked", keyword)
		}
	}
	if list, ok := value.([]any); ok {
		for i, item := range list {
			wrong = append(wrong, s.check(rule["items"].(map[string]any), item, fmt.Sprintf("%s[%d]", path, i))...)
		}
	}
	return wrong
}

func (s schema) checkObject(rule map[string]any, value any, path string) []string {
	object, ok := value.(map[string]any)
	if !ok {
		return []string{path + ": is no object"}
	}
	var wrong []string
	required, _ := rule["required"].([]any)
	for _, name := range required {
		if _, ok := object[name.(string)]; !ok {
			wrong = append(wrong, fmt.Sprintf("%s: has no %s", path, name))
		}
	}
	properties := rule["properties"].(map[string]any)
	for name, member := range object {
		sub, ok := properties[name].(map[string]any)
		if !ok {
			wrong = append(wrong, path+": the schema has no "+name)
			continue
		}
		wrong = append(wrong, s.check(sub, member, path+"."+name)...)
	}
	return wrong
}

func typeOf(value any) string {
	switch v := value.(type) {
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	}
	return "null"
}

// The checker itself can say no.
func TestSchemaRefuses(t *testing.T) {
	s := loadSchema(t)
	for name, edit := range map[string]func(map[string]any){
		"a field that it does not have": func(d map[string]any) { d["more"] = true },
		"a missing field":               func(d map[string]any) { delete(d, "gate") },
		"a wrong type":                  func(d map[string]any) { d["notes"] = "x" },
		"an unknown gate":               func(d map[string]any) { d["gate"] = "all" },
		"another version":               func(d map[string]any) { d["schema"] = 2.0 },
		"a bad ID": func(d map[string]any) {
			d["results"].([]any)[0].(map[string]any)["requirement"] = "REG"
		},
	} {
		d := decoded(t, samples()["caret"])
		edit(d)
		if wrong := s.check(s.root, d, "report"); len(wrong) != 1 {
			t.Errorf("%s: want one complaint, got %q", name, wrong)
		}
	}
}
