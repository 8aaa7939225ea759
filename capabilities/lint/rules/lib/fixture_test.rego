package capcheck.lib.fixture

# fact is a fact with every field, and those given.
fact(given) := object.union(
	{
		"at": 1,
		"basis": "name",
		"control": "none",
		"count": 1,
		"effect": "write",
		"flow": "-",
		"kind": "",
		"name": "pay",
		"other": "check",
		"step": "pay",
		"sure": "",
		"text": "moves money",
	},
	given,
)
