package workos_test

import (
	"fmt"
	"testing"

	"agentrisk/capabilities/enforce/store/storetest"
)

// BenchmarkEffect is an effect with its durable record; BenchmarkCheck a read.
func BenchmarkEffect(b *testing.B) {
	for _, backend := range []storetest.Backend{{Name: "memory", Location: ":memory:"}, storetest.SQLite(b)} {
		b.Run(backend.Name, func(b *testing.B) {
			s := newBench(b, backend)
			for i := range b.N {
				call := s.call(nil)
				call.Key = fmt.Sprint("bench ", i)
				if _, err := s.service.Call(ctx, "AuditLogEventsController_create", call); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	s := newBench(b, storetest.SQLite(b))
	args := object{"permission_slug": "editor", "resource_type_slug": "doc", "resource_external_id": "plan"}
	for range b.N {
		if _, err := s.service.Call(ctx, "AuthorizationController_check", s.call(args)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	s := newBench(b, storetest.SQLite(b))
	for range b.N {
		if _, err := s.service.Call(ctx, "ApiKeysController_validateApiKey", s.call(object{"value": worldKey})); err != nil {
			b.Fatal(err)
		}
	}
}
