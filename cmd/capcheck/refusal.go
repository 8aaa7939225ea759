package main

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/limits"
	"agentrisk/capabilities/enforce/secrets"
)

// Errors that say the caller asked for what cannot be, and those that say the
// answer is no. Every other one means that the work was not carried out.
var (
	askedWrong = []error{enforce.Invalid, enforce.Unknown, approval.NotFound, approval.Invalid, journal.NotFound, journal.Invalid, journal.Over,
		limits.ErrInvalid, secrets.ErrNotFound, secrets.ErrExists, secrets.ErrTooShort, secrets.ErrInvalid, secrets.ErrRevoked,
		secrets.ErrPurpose, audit.ErrNotFound, audit.ErrScope}
	answeredNo = []error{approval.OwnRequest, approval.NotListed, approval.TooLate, approval.Settled, approval.Outdated}
)

// codeOf is the exit code of an error of the runtime.
func codeOf(err error) int {
	for _, one := range []error{enforce.Unavailable, enforce.Busy, enforce.Changed} {
		if errors.Is(err, one) {
			return exitIncomplete
		}
	}
	for _, one := range answeredNo {
		if errors.Is(err, one) {
			return exitFailed
		}
	}
	for _, one := range askedWrong {
		if errors.Is(err, one) {
			return exitUsage
		}
	}
	return exitIncomplete
}

// Credentials in addresses: everything up to the last @ of an authority, and
// passwords among parameters.
var (
	userInfo      = regexp.MustCompile(`://[^\s"'` + "`" + `]*@`)
	passwordParam = regexp.MustCompile(`(?i)\b((?:ssl)?password|token|secret)=('[^']*'|[^\s&'"` + "`" + `]*)`)
)

// concealed is an address without its credentials.
func concealed(address string) string {
	address = userInfo.ReplaceAllString(address, "://***@")
	return passwordParam.ReplaceAllString(address, "$1=***")
}

// conceal takes the credentials of the places out of a text that may quote them.
func (p *place) conceal(text string) string {
	for _, address := range []string{p.store, p.fga, p.audit, p.home} {
		for _, password := range passwordsOf(address) {
			for _, spelling := range []string{password, url.QueryEscape(password), url.PathEscape(password)} {
				text = strings.ReplaceAll(text, spelling, "***")
			}
		}
	}
	return concealed(text)
}

// passwordsOf finds the passwords in an address.
func passwordsOf(address string) []string {
	u, err := url.Parse(address)
	if err != nil || !strings.Contains(address, "://") {
		return nil // concealed takes out what stands before an @
	}
	var out []string
	if password, _ := u.User.Password(); password != "" {
		out = append(out, password)
	}
	for name, values := range u.Query() {
		for _, value := range values {
			if value != "" && slices.Contains([]string{"password", "sslpassword", "token", "secret"}, strings.ToLower(name)) {
				out = append(out, value)
			}
		}
	}
	return out
}
