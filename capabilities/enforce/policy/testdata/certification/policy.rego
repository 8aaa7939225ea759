# The certification scenario of AuthZEN asks for these decisions: anybody known
# reads; alice writes what is not archived; an admin writes also that; alice
# deletes what can be brought back.
package policy

default decision := {"verdict": "deny", "reasons": [{"rule": "none", "text": "no rule allows it"}]}

decision := {"verdict": "allow"} if allow

known := {"alice", "bob"}

allow if {
	input.action.name == "read"
	person
	input.resource.type == "record"
}

allow if {
	input.action.name == "write"
	person
	input.subject.id == "alice"
	not archived
}

allow if {
	input.action.name == "write"
	person
	archived
	input.subject.properties.role == "admin"
}

allow if {
	input.action.name == "delete"
	person
	input.subject.id == "alice"
	input.action.properties.soft == true
}

person if {
	input.subject.type == "user"
	input.subject.id in known
}

archived if input.resource.properties.status == "archived"
