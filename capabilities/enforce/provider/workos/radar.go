package workos

import (
	"context"
	"net/netip"

	"agentrisk/capabilities/enforce/provider"
)

// assess judges a sign-in by what the world knows of the person, and by nothing
// else: the real service looks at devices, places and patterns.
func assess(_ context.Context, r *request) (provider.Response, error) {
	if !isEmail(r.text("email")) {
		return provider.Response{}, r.bad("email", "value", "email is no address")
	}
	if _, err := netip.ParseAddr(r.text("ip_address")); err != nil {
		return provider.Response{}, r.bad("ip_address", "value", "ip_address is no address")
	}
	verdict, reason, control := "block", "the address is nobody's of the tenant", "restriction"
	for _, u := range r.tenant.Users {
		if r.text("email") != r.email(u.ID) {
			continue
		}
		verdict, reason, control = "challenge", "the person has no active session", "stale_account"
		if u.Session {
			verdict, reason, control = "allow", "the person is known and signed in", ""
		}
	}
	body := map[string]any{"verdict": verdict, "reason": reason, "attempt_id": r.id("radar_att")}
	if control != "" {
		body["control"] = control
	}
	return provider.Response{Status: 200, Body: body, Denied: verdict != "allow", Reason: reasonUnless(verdict == "allow", reason), Simulated: true}, nil
}

func reasonUnless(fine bool, reason string) string {
	if fine {
		return ""
	}
	return reason
}
