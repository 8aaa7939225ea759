package report

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"agentrisk/internal/source"
)

// The types below are the part of SARIF 2.1.0 (OASIS, 2020) that the programs
// write. Lists that the standard or its readers need are never null.

// SARIF is a log with one run.
type SARIF struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []SARIFRun `json:"runs"`
}

// SARIFRun is one run of one program.
type SARIFRun struct {
	Tool        SARIFTool         `json:"tool"`
	ColumnKind  string            `json:"columnKind"`
	Taxonomies  []SARIFComponent  `json:"taxonomies,omitempty"`
	Invocations []SARIFInvocation `json:"invocations"`
	Results     []SARIFResult     `json:"results"`
}

// SARIFTool names the program.
type SARIFTool struct {
	Driver SARIFComponent `json:"driver"`
}

// SARIFComponent is a program or a taxonomy with its rules.
type SARIFComponent struct {
	Name           string      `json:"name"`
	Version        string      `json:"version,omitempty"`
	Organization   string      `json:"organization,omitempty"`
	InformationURI string      `json:"informationUri,omitempty"`
	Rules          []SARIFRule `json:"rules,omitempty"`
	Taxa           []SARIFRule `json:"taxa,omitempty"`

	ShortDescription    *SARIFText           `json:"shortDescription,omitempty"`
	SupportedTaxonomies []SARIFComponentName `json:"supportedTaxonomies,omitempty"`
}

// SARIFRule describes what a result is about.
type SARIFRule struct {
	ID                   string              `json:"id"`
	Name                 string              `json:"name,omitempty"`
	ShortDescription     *SARIFText          `json:"shortDescription,omitempty"`
	FullDescription      *SARIFText          `json:"fullDescription,omitempty"`
	Help                 *SARIFText          `json:"help,omitempty"`
	HelpURI              string              `json:"helpUri,omitempty"`
	DefaultConfiguration *SARIFConfiguration `json:"defaultConfiguration,omitempty"`
	Relationships        []SARIFRelationship `json:"relationships,omitempty"`
	Properties           map[string]any      `json:"properties,omitempty"`
}

// SARIFRelationship says how a rule relates to an entry of a taxonomy.
type SARIFRelationship struct {
	Target SARIFReference `json:"target"`
	Kinds  []string       `json:"kinds"`
}

// SARIFConfiguration is a rule's level.
type SARIFConfiguration struct {
	Level string `json:"level"`
}

// SARIFText is a message, optionally with its Markdown form.
type SARIFText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

// SARIFInvocation tells whether the run was complete.
type SARIFInvocation struct {
	ExecutionSuccessful        bool                `json:"executionSuccessful"`
	ToolExecutionNotifications []SARIFNotification `json:"toolExecutionNotifications,omitempty"`
}

// SARIFNotification is something that went wrong in the run.
type SARIFNotification struct {
	Level     string          `json:"level"`
	Message   SARIFText       `json:"message"`
	Locations []SARIFLocation `json:"locations,omitempty"`
}

// SARIFResult is one finding.
type SARIFResult struct {
	RuleID              string             `json:"ruleId"`
	RuleIndex           int                `json:"ruleIndex"`
	Level               string             `json:"level"`
	Message             SARIFText          `json:"message"`
	Locations           []SARIFLocation    `json:"locations"`
	RelatedLocations    []SARIFLocation    `json:"relatedLocations,omitempty"`
	CodeFlows           []SARIFCodeFlow    `json:"codeFlows,omitempty"`
	PartialFingerprints map[string]string  `json:"partialFingerprints"`
	BaselineState       string             `json:"baselineState,omitempty"`
	Suppressions        []SARIFSuppression `json:"suppressions,omitempty"`
	Taxa                []SARIFReference   `json:"taxa,omitempty"`
	Properties          map[string]any     `json:"properties,omitempty"`
}

// SARIFCodeFlow is a way through the input that shows how a result comes about.
type SARIFCodeFlow struct {
	ThreadFlows []SARIFThreadFlow `json:"threadFlows"`
}

// SARIFThreadFlow is the places of a code flow, in order.
type SARIFThreadFlow struct {
	Locations []SARIFFlowLocation `json:"locations"`
}

// SARIFFlowLocation is one place of a code flow.
type SARIFFlowLocation struct {
	Location SARIFLocation `json:"location"`
}

// SARIFSuppression says that and why a finding is accepted.
type SARIFSuppression struct {
	Kind          string `json:"kind"`
	Justification string `json:"justification,omitempty"`
}

// SARIFReference points into a taxonomy.
type SARIFReference struct {
	ID            string              `json:"id"`
	ToolComponent *SARIFComponentName `json:"toolComponent,omitempty"`
}

// SARIFComponentName names a taxonomy.
type SARIFComponentName struct {
	Name string `json:"name"`
}

// SARIFLocation is a place in a file.
type SARIFLocation struct {
	ID               *int          `json:"id,omitempty"`
	PhysicalLocation SARIFPhysical `json:"physicalLocation"`
	Message          *SARIFText    `json:"message,omitempty"`
}

// SARIFPhysical is a file and a region of it.
type SARIFPhysical struct {
	ArtifactLocation SARIFArtifact `json:"artifactLocation"`
	Region           *SARIFRegion  `json:"region,omitempty"`
}

// SARIFArtifact is a file by its relative URI.
type SARIFArtifact struct {
	URI       string `json:"uri"`
	URIBaseID string `json:"uriBaseId,omitempty"`
}

// SARIFRegion is a range; columns count Unicode code points.
type SARIFRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
	EndLine     int `json:"endLine,omitempty"`
	EndColumn   int `json:"endColumn,omitempty"`
}

// NewSARIF starts a log for one run of a program.
func NewSARIF(driver SARIFComponent, complete bool) *SARIF {
	return &SARIF{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs: []SARIFRun{{
			Tool:        SARIFTool{Driver: driver},
			ColumnKind:  "unicodeCodePoints",
			Invocations: []SARIFInvocation{{ExecutionSuccessful: complete}},
			Results:     []SARIFResult{},
		}},
	}
}

// SARIFAt turns a location into SARIF's form. A file whose place is not known is
// reported at its first line, which viewers need; the region is then left out.
func SARIFAt(at source.Location) SARIFLocation {
	where := SARIFPhysical{ArtifactLocation: SARIFArtifact{URI: fileURI(at.File)}}
	if start, end := at.Range.Start, at.Range.End; start.Line > 0 {
		where.Region = &SARIFRegion{StartLine: start.Line, StartColumn: start.Column}
		if start.Before(end) {
			where.Region.EndLine, where.Region.EndColumn = end.Line, end.Column
		}
	}
	return SARIFLocation{PhysicalLocation: where}
}

// fileURI makes a relative URI reference of a path, so that a report made on one
// machine fits on another.
func fileURI(path string) string {
	path = strings.TrimPrefix(filepath.ToSlash(filepath.Clean(path)), "./")
	return (&url.URL{Path: path}).EscapedPath()
}

// Write prints the log, indented.
func (s *SARIF) Write(w io.Writer) error { return WriteJSON(w, s) }

// WriteJSON prints a value as indented JSON without escaping for HTML.
func WriteJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
