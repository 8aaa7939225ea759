package early

import "syscall"

// advise asks the kernel to hand out the memory that the heap will take in pages of
// 2 MB, of which one costs less than a hundred of 4 KB. The advice stays with the
// addresses when Go gives them to others. It is no more than advice: where the kernel
// has none to give, or takes none (CONFIG_TRANSPARENT_HUGEPAGE), all is as before.
func advise() {
	const heap = 128 << 20
	_ = syscall.Madvise(make([]byte, heap), syscall.MADV_HUGEPAGE)
}
