package scoring

// formulas is the table behind [Formulas]; nothing changes it.
var formulas = [...]*Formula{
	{
		ID:         "aivss-0.8",
		Title:      "AIVSS v0.8",
		Source:     "OWASP AIVSS v0.8, March 2026",
		Expression: "AARS = (10 − CVSS) × (FS / 10) × ThM; score = (CVSS + AARS) × MF, half up to tenths",
		Kind:       KindScore,
		Factors:    factors08,
		Threat:     &threat08,
		Mitigation: &mitigation08,
		Tag:        "0.8",
		rule:       ruleHeadroom,
	},
	{
		ID:         "aivss-0.8-continuous",
		Title:      "AIVSS v0.8 with v0.5's factors on a continuous scale",
		Source:     "practice of public agent listings; arithmetic of OWASP AIVSS v0.8",
		Expression: "AARS = (10 − CVSS) × (FS / 10) × ThM, at most 10 − CVSS; score = (CVSS + AARS) × MF, half up to tenths",
		Kind:       KindScore,
		Factors:    factorsListing,
		Threat:     &threatContinuous,
		Mitigation: &mitigationContinuous,
		Continuous: true,
		Tag:        "0.8c",
		rule:       ruleHeadroom,
	},
	{
		ID:         "aivss-0.8-floor",
		Title:      "AIVSS v0.8 with CVSS as its floor",
		Source:     "amendment to AIVSS v0.8 proposed by MindXO, April 2026",
		Expression: "AARS = (10 − CVSS) × (FS / 10) × ThM; score = CVSS + AARS × MF, half up to tenths",
		Kind:       KindScore,
		Factors:    factors08,
		Threat:     &threat08,
		Mitigation: &mitigation08,
		Tag:        "0.8f",
		rule:       ruleFloor,
	},
	{
		ID:         "aivss-0.5",
		Title:      "AIVSS v0.5",
		Source:     "OWASP AIVSS v0.5, August 2025",
		Expression: "AARS = sum of the ten factors; score = ((CVSS + AARS) / 2) × ThM, half up to tenths",
		Kind:       KindScore,
		Factors:    factors05,
		Threat:     &threat05,
		Tag:        "0.5",
		rule:       ruleAverage,
	},
	{
		ID:         "aivss-0.5-mitigated",
		Title:      "AIVSS v0.5 with a mitigation factor",
		Source:     "AVE records, 2026, which label it 0.8",
		Expression: "AARS = sum of the ten factors; score = ((CVSS + AARS) / 2) × ThM × MF, half up to tenths",
		Kind:       KindScore,
		Factors:    factorsAVE,
		Threat:     &threatAVE,
		Mitigation: &mitigationAVE,
		Tag:        "0.5m",
		rule:       ruleMitigated,
	},
	{
		ID:         "aivss-1.0-candidate",
		Title:      "AIVSS 1.0 candidate",
		Source:     "candidate of 2026, github.com/kenhuangus/aivss-v1-candidate",
		Expression: "CVSS-BTE unchanged; beside it eight letters and the effect class they give",
		Kind:       KindProfile,
		Factors:    metrics10,
		Tag:        "1.0",
	},
	{
		ID:         "aivss-ssvc",
		Title:      "AIVSS-SSVC",
		Source:     "OWASP AIVSS, aivss.owasp.org/ssvc.html",
		Expression: "decision by threat, agent class and impact; risk = P(threat) × P(vulnerability) × exposure × impact",
		Kind:       KindDecision,
		Factors:    factorsSSVC,
		Scales:     []Multiplier{ssvcThreat, ssvcVulnerability, ssvcImpact},
		Tag:        "ssvc",
	},
}

const half = One / 2

// halves describes a factor that takes 0, 0.5 or 1.
func halves(key, name, letter, concept, none, some, full string) Factor {
	return Factor{
		Key: key, Name: name, Letter: letter, Concept: concept,
		Levels: []Level{{Value: 0, Meaning: none}, {Value: half, Meaning: some}, {Value: One, Meaning: full}},
		High:   One, Step: half,
	}
}

// tenthsOf is the same factor on a continuous scale, moved by tenths; the
// levels remain as points of reference.
func tenthsOf(fs []Factor) []Factor {
	out := make([]Factor, len(fs))
	for i, f := range fs {
		f.Step = tenth
		out[i] = f
	}
	return out
}

var (
	levelAttacked   = "exploited in attacks"
	levelProof      = "exploit code or a method has been shown"
	levelUnreported = "no exploit is known"

	levelNone    = "no mitigation, or a weak one"
	levelPartial = "mitigations cover a part of the risk"
	levelStrong  = "mitigations are layered and verified"
)

var threat08 = Multiplier{
	Key: PartThreat, Name: "Threat multiplier (ThM)", Low: half, High: One,
	Levels: []NamedLevel{
		{"attacked", "A", One, levelAttacked},
		{"proof-of-concept", "P", 9700, levelProof},
		{"unreported", "U", half, levelUnreported},
	},
}

var threatContinuous = Multiplier{
	Key: PartThreat, Name: "Threat multiplier (ThM)", Low: 0, High: 11000, Continuous: true,
	Levels: threat08.Levels,
}

var threat05 = Multiplier{
	Key: PartThreat, Name: "Threat multiplier (ThM)", Low: 9100, High: One,
	Levels: []NamedLevel{
		{"attacked", "A", One, levelAttacked},
		{"proof-of-concept", "P", 9700, levelProof},
		{"unreported", "U", 9100, levelUnreported},
	},
}

var threatAVE = Multiplier{
	Key: PartThreat, Name: "Threat multiplier (ThM)", Low: 7500, High: One,
	Levels: []NamedLevel{
		{"attacked", "A", One, levelAttacked},
		{"proof-of-concept", "P", 9000, levelProof},
		{"unreported", "U", 7500, levelUnreported},
	},
}

var mitigation08 = Multiplier{
	Key: PartMitigation, Name: "Mitigation factor (MF)", Low: 6700, High: One, SchemaRange: true,
	Levels: []NamedLevel{
		{"none", "N", One, levelNone},
		{"partial", "P", 8300, levelPartial},
		{"strong", "S", 6700, levelStrong},
	},
}

var mitigationContinuous = Multiplier{
	Key: PartMitigation, Name: "Mitigation factor (MF)", Low: 0, High: One, Continuous: true,
	Levels: mitigation08.Levels,
}

var mitigationAVE = Multiplier{
	Key: PartMitigation, Name: "Mitigation factor (MF)", Low: 8300, High: One,
	Levels: []NamedLevel{
		{"none", "N", One, levelNone},
		{"partial", "P", 8300, levelPartial},
	},
}

// The scales of AIVSS-SSVC, lowest first as its tables list them.
var ssvcThreat = Multiplier{
	Key: PartThreat, Name: "P(threat)", Low: 2000, High: 9000,
	Levels: []NamedLevel{
		{"none", "N", 2000, "no sign of exploitation or of a public method"},
		{"poc", "P", 5000, "a method of exploitation is public"},
		{"active", "A", 9000, "exploited in the wild"},
	},
}

var ssvcVulnerability = Multiplier{
	Key: "vulnerability", Name: "P(vulnerability)", Low: 3000, High: 8000,
	Levels: []NamedLevel{
		{"hardened", "H", 3000, "strong controls make success unlikely"},
		{"moderate", "M", 5000, "controls help, but exposure remains"},
		{"exposed", "E", 8000, "few controls stand in the way"},
	},
}

var ssvcImpact = Multiplier{
	Key: "impact", Name: "Impact", Low: 2 * One, High: ten,
	Levels: []NamedLevel{
		{"contained", "C", 2 * One, "a small part of the system is affected"},
		{"significant", "S", 5 * One, "an important business function is disrupted"},
		{"critical", "K", ten, "safety or the organisation itself is at stake"},
	},
}
