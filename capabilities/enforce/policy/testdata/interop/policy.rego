# Who may do what in the interop scenario of AuthZEN, a list of things to do.
package policy

import data.people

default decision := {"verdict": "deny", "reasons": [{"rule": "none", "text": "no role allows it"}]}

decision := {"verdict": "allow"} if allow

roles := people[input.subject.id].roles

allow if {
	input.action.name in {"can_read_user", "can_read_todos"}
	count(roles) > 0
}

allow if {
	input.action.name == "can_create_todo"
	some role in ["admin", "editor"]
	role in roles
}

allow if {
	input.action.name == "can_update_todo"
	"evil_genius" in roles
}

allow if {
	input.action.name in {"can_update_todo", "can_delete_todo"}
	"editor" in roles
	input.resource.properties.ownerID == people[input.subject.id].email
}

allow if {
	input.action.name == "can_delete_todo"
	"admin" in roles
}
