// Preloaded into a broker, makes the n-th call fail that changes a file whose path contains
// WEIR_FAIL_PATH. WEIR_FAIL_AT is n, WEIR_FAIL_ERRNO the error. While the file WEIR_FAIL_UNTIL is
// there calls neither count nor fail. With WEIR_FAIL_ONCE only the n-th fails; without it, it is as
// on a disk that fills up: all from the n-th on do, that one after half of its bytes, and syncs
// neither count nor fail. The n-th makes the file WEIR_FAIL_BEGAN, in which call and path stand.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

static atomic_long calls;

static void note(const char* call, const char* path) {
  const char* began = getenv("WEIR_FAIL_BEGAN");
  char text[512];
  if (began == NULL) return;
  const int length = snprintf(text, sizeof text, "%s %s", call, path);
  const int fd = REAL(int, "open", const char*, int, mode_t)(began, O_WRONLY | O_CREAT, 0600);
  if (fd < 0) return;
  REAL(ssize_t, "write", int, const void*, size_t)(fd, text, (size_t)length);
  close(fd);
}

// 0: the call may go on; 1: it fails; 2: it is the first of many that do. errno is kept or set.
static int verdict(const char* call, const char* path) {
  const char* wanted = getenv("WEIR_FAIL_PATH");
  const int before = errno;
  if (wanted == NULL || strstr(path, wanted) == NULL) return 0;
  const int is_healed = access(getenv("WEIR_FAIL_UNTIL"), F_OK) == 0;
  errno = before;
  if (is_healed) return 0;
  const long at = strtol(getenv("WEIR_FAIL_AT"), NULL, 10);
  const long number = atomic_fetch_add(&calls, 1) + 1;
  const int is_once = getenv("WEIR_FAIL_ONCE") != NULL;
  if (number < at || (is_once && number > at)) return 0;
  if (number == at) note(call, path);
  errno = (int)strtol(getenv("WEIR_FAIL_ERRNO"), NULL, 10);
  return !is_once && number == at ? 2 : 1;
}

static int verdict_of(const char* call, int fd) {
  char link[64], path[4096];
  const int before = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  errno = before;
  if (length < 0) return 0;
  path[length] = '\0';
  return verdict(call, path);
}

static size_t allowed(int is_first, size_t size) { return is_first == 2 ? size / 2 : 0; }

ssize_t write(int fd, const void* bytes, size_t size) {
  const int bad = verdict_of("write", fd);
  if (bad && allowed(bad, size) == 0) return -1;
  return REAL(ssize_t, "write", int, const void*, size_t)(fd, bytes, bad ? size / 2 : size);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  const int bad = verdict_of("pwrite", fd);
  if (bad && allowed(bad, size) == 0) return -1;
  return REAL(ssize_t, "pwrite", int, const void*, size_t, off_t)(fd, bytes, bad ? size / 2 : size,
                                                                  offset);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off_t offset) {
  return pwrite(fd, bytes, size, offset);
}

static int sync_fails(const char* call, int fd) {
  return getenv("WEIR_FAIL_ONCE") != NULL && verdict_of(call, fd);
}

int fsync(int fd) { return sync_fails("fsync", fd) ? -1 : REAL(int, "fsync", int)(fd); }

int fdatasync(int fd) { return sync_fails("fdatasync", fd) ? -1 : REAL(int, "fdatasync", int)(fd); }

int ftruncate(int fd, off_t size) {
  return verdict_of("ftruncate", fd) ? -1 : REAL(int, "ftruncate", int, off_t)(fd, size);
}

int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

int fallocate(int fd, int mode, off_t offset, off_t size) {
  if (verdict_of("fallocate", fd)) return -1;
  return REAL(int, "fallocate", int, int, off_t, off_t)(fd, mode, offset, size);
}

int fallocate64(int fd, int mode, off_t offset, off_t size) {
  return fallocate(fd, mode, offset, size);
}

int posix_fallocate(int fd, off_t offset, off_t size) {
  const int before = errno;
  if (verdict_of("posix_fallocate", fd)) {
    const int error = errno;
    errno = before;
    return error;
  }
  return REAL(int, "posix_fallocate", int, off_t, off_t)(fd, offset, size);
}

int posix_fallocate64(int fd, off_t offset, off_t size) {
  return posix_fallocate(fd, offset, size);
}

// What makes a file; what only opens one is not counted.
static int opened(const char* name, const char* path, int flags, mode_t mode) {
  if ((flags & O_CREAT) != 0 && access(path, F_OK) != 0 && verdict("open", path)) return -1;
  return REAL(int, name, const char*, int, mode_t)(path, flags, mode);
}

static mode_t mode_from(int flags, va_list rest) {
  return (flags & O_CREAT) != 0 ? (mode_t)va_arg(rest, int) : 0;
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_from(flags, rest);
  va_end(rest);
  return opened("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_from(flags, rest);
  va_end(rest);
  return opened("open64", path, flags, mode);
}

int rename(const char* from, const char* to) {
  return verdict("rename", to) ? -1 : REAL(int, "rename", const char*, const char*)(from, to);
}
