#include "daemon/app/start_pages.hpp"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <span>

namespace b2m {
namespace {

/// Whether the linker has written into its code: those pages differ from the file.
bool has_text_relocations(const dl_phdr_info& object, const ElfW(Phdr) & dynamic) {
  const auto* entry =
      reinterpret_cast<const ElfW(Dyn)*>(object.dlpi_addr + dynamic.p_vaddr);  // NOLINT: as dl_iterate_phdr(3) has it
  for (; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_TEXTREL || (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0)) return true;
  }
  return false;
}

void unmap(std::uintptr_t begin, std::size_t size) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto start = begin / page * page;
  ::madvise(reinterpret_cast<void*>(start), begin + size - start, MADV_DONTNEED);  // NOLINT: an address of the linker
}

int unmap_constant_parts(dl_phdr_info* object, std::size_t, void*) {
  const std::span parts(object->dlpi_phdr, object->dlpi_phnum);
  const auto dynamic = std::ranges::find(parts, PT_DYNAMIC, &ElfW(Phdr)::p_type);
  if (dynamic == parts.end() || has_text_relocations(*object, *dynamic)) return 0;
  for (const auto& part : parts) {
    if (part.p_type == PT_LOAD && (part.p_flags & PF_W) == 0) unmap(object->dlpi_addr + part.p_vaddr, part.p_memsz);
  }
  return 0;
}

}  // namespace

void give_back_start_pages() noexcept { ::dl_iterate_phdr(unmap_constant_parts, nullptr); }

}  // namespace b2m
