package audit

import (
	"slices"

	"agentrisk/capabilities/enforce/decision"
)

// ocsfEvent holds the fields of OCSF 1.6.0 that the log can fill without a guess.
// API Activity requires actor, api and src_endpoint; Authentication requires user
// and one of service and dst_endpoint; every event requires the classification,
// severity, time and metadata. The rest of the entry stands under unmapped.
type ocsfEvent struct {
	ActivityID    int            `json:"activity_id"`
	ActivityName  string         `json:"activity_name"`
	CategoryUID   int            `json:"category_uid"`
	ClassUID      int            `json:"class_uid"`
	ClassName     string         `json:"class_name"`
	TypeUID       int            `json:"type_uid"`
	SeverityID    int            `json:"severity_id"`
	StatusID      int            `json:"status_id"`
	StatusDetail  string         `json:"status_detail,omitempty"`
	ActionID      int            `json:"action_id"`      // security_control profile
	DispositionID int            `json:"disposition_id"` // security_control profile
	Time          int64          `json:"time"`           // milliseconds since 1970
	Message       string         `json:"message"`
	Metadata      ocsfMetadata   `json:"metadata"`
	Actor         ocsfActor      `json:"actor"`
	User          *ocsfUser      `json:"user,omitempty"`
	Service       *ocsfNamed     `json:"service,omitempty"`
	API           *ocsfAPI       `json:"api,omitempty"`
	SrcEndpoint   ocsfEndpoint   `json:"src_endpoint"`
	Resources     []ocsfResource `json:"resources,omitempty"`
	Unmapped      Entry          `json:"unmapped"`
}

type ocsfMetadata struct {
	Version        string      `json:"version"`
	Product        ocsfProduct `json:"product"`
	Profiles       []string    `json:"profiles"`
	UID            string      `json:"uid"`
	CorrelationUID string      `json:"correlation_uid"`
	Sequence       uint64      `json:"sequence"`
	TenantUID      string      `json:"tenant_uid"`
	LogName        string      `json:"log_name"`
	EventCode      string      `json:"event_code"`
}

type ocsfProduct struct {
	Name       string `json:"name"`
	VendorName string `json:"vendor_name"`
}

type ocsfActor struct {
	User      ocsfUser `json:"user"`
	AppUID    string   `json:"app_uid,omitempty"`    // the agent that acts for the user
	InvokedBy string   `json:"invoked_by,omitempty"` // the whole chain
}

type ocsfUser struct {
	UID    string `json:"uid"`
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
}

type ocsfNamed struct {
	Name string `json:"name"`
}

type ocsfAPI struct {
	Operation string `json:"operation"`
}

type ocsfEndpoint struct {
	ServiceName string `json:"svc_name"`
}

type ocsfResource struct {
	UID  string `json:"uid"`
	Type string `json:"type"`
}

func ocsfOf(r Record, origin string) ocsfEvent {
	e := r.Entry
	o := ocsfEvent{
		Time: e.At.UnixMilli(), SeverityID: 1, StatusDetail: reasonOf(e), Message: message(e),
		Actor: ocsfActorOf(e), SrcEndpoint: ocsfEndpoint{"agentrisk"}, Unmapped: e,
		Metadata: ocsfMetadata{
			Version: "1.6.0", Product: ocsfProduct{"agentrisk", "agentrisk"}, Profiles: []string{"security_control"},
			UID: r.Leaf, CorrelationUID: e.Run, Sequence: r.Index, TenantUID: e.Tenant, LogName: origin,
			EventCode: string(e.Kind),
		},
	}
	o.StatusID, o.ActionID, o.DispositionID = ocsfStatus(e)
	if o.ActionID == 2 {
		o.SeverityID = 3
	}
	if e.Kind == KindAuthentication {
		o.CategoryUID, o.ClassUID, o.ClassName = 3, 3002, "Authentication"
		o.ActivityID, o.ActivityName = 1, "Logon"
		o.User, o.Service = &o.Actor.User, &ocsfNamed{"agentrisk"}
	} else {
		o.CategoryUID, o.ClassUID, o.ClassName = 6, 6003, "API Activity"
		o.ActivityID, o.ActivityName = ocsfActivity(e.Effect)
		o.API = &ocsfAPI{e.Operation}
		if e.Operation == "" {
			o.API.Operation = string(e.Kind)
		}
		if t := target(e); t.Type != "run" {
			o.Resources = []ocsfResource{{UID: t.ID, Type: t.Type}}
		}
	}
	o.TypeUID = o.ClassUID*100 + o.ActivityID
	return o
}

// ocsfActivity maps an effect. Only two effects mean one of the schema's verbs;
// the others are named by their own word under 99, Other.
func ocsfActivity(effect string) (id int, name string) {
	switch effect {
	case "read":
		return 2, "Read"
	case "delete":
		return 4, "Delete"
	case "":
		return 0, "Unknown"
	}
	return 99, effect
}

// ocsfStatus maps what happened to status (1 success, 2 failure), action (1 allowed,
// 2 denied) and disposition (1 allowed, 2 blocked). What the entry does not say is
// 0, unknown.
func ocsfStatus(e Entry) (status, action, disposition int) {
	denied := slices.ContainsFunc(e.Decisions, func(d Decision) bool { return d.Verdict == decision.Deny })
	switch {
	case denied:
		return 2, 2, 2
	case e.Outcome == "succeeded" || e.Outcome == "compensated":
		return 1, 1, 1
	case e.Outcome == "failed":
		return 2, 1, 1
	case e.Kind == KindDecision || e.Kind == KindIntent:
		return 0, 1, 1
	}
	return 0, 0, 0
}

func ocsfActorOf(e Entry) ocsfActor {
	a := ocsfActor{User: ocsfUser{UID: "unknown", Type: "unknown"}}
	for i, link := range e.Actors {
		if i == 0 {
			a.User = ocsfUser{UID: link.ID, Type: link.Kind, TypeID: 99}
			if link.Kind == "user" {
				a.User.TypeID = 1
			}
			continue
		}
		a.AppUID = link.ID
	}
	if len(e.Actors) > 1 {
		a.InvokedBy = chainText(e.Actors)
	}
	return a
}

func message(e Entry) string {
	text := string(e.Kind)
	if e.Operation != "" {
		text += " of " + e.Operation
	}
	if reason := reasonOf(e); reason != "" {
		text += ": " + reason
	}
	return text
}
