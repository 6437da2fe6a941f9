// The memory that only the start of the program needed.
#pragma once

namespace b2m {

/// Unmaps every page of code and constants of the program and its libraries; those in use come back at once from the
/// kernel's cache of the files, one minor fault each. What the start alone touched (symbols, relocations, the reader of
/// the configuration) stays out, so that the resident memory is what the daemon works with, and the kernel can drop the
/// rest when memory is short. A debugger's breakpoints that stand at the moment are lost. Any thread, while others run.
/// Source: madvise(2), MADV_DONTNEED on private mappings of files.
void give_back_start_pages() noexcept;

}  // namespace b2m
