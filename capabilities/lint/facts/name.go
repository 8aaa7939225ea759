package facts

// SecretName reports whether a name speaks of a secret.
func (d *Document) SecretName(name string) bool { return d.secret(name) }
