// Makes one chosen call of a process fail, or be its last: preloaded by `ordeal.py`.
//
// Every call that changes files below FAULT_UNDER is counted, over all threads together. At call
// number FAULT_AT the process is killed before the call is made ("kill") or after half of what it
// would write ("torn"), the call never returns ("hang"), or it fails with an error number ("5",
// "28"); with FAULT_LASTING all later ones fail too. FAULT_CALLS names the calls that count, each between two commas; without it
// all do. What was struck is said on standard output, as `fault CALL PLACE`, before anything else
// happens, so that it stands before or after what the process says there. FAULT_COUNT names a file
// that gets the number of calls that counted.
//
//     cc -shared -fPIC -O2 -o faults.so faults.c -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long counted;
static atomic_int struck;
static long at;
static const char *calls, *how, *under, *count_file;
static int lasting;

__attribute__((constructor)) static void start(void) {
    const char *number = getenv("FAULT_AT");
    at = number ? atol(number) : 0;
    calls = getenv("FAULT_CALLS");
    how = getenv("FAULT_HOW");
    under = getenv("FAULT_UNDER");
    lasting = getenv("FAULT_LASTING") != NULL;
    count_file = getenv("FAULT_COUNT");
}

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

__attribute__((destructor)) static void end(void) {
    if (!count_file) return;
    FILE *out = fopen(count_file, "w");
    if (out) { fprintf(out, "%ld\n", atomic_load(&counted)); fclose(out); }
}

static int named(const char *call) {
    char word[64];
    if (!calls) return 1;
    snprintf(word, sizeof word, ",%s,", call);
    return strstr(calls, word) != NULL;
}

// Whether this call is to fail; if it is to be the last one, does not return. `half` is written
// first where a call is torn.
enum { GO_ON, FAIL, TEAR };
static int strike(const char *call, const char *path) {
    size_t length = under ? strlen(under) : 0;
    if (!under || strncmp(path, under, length) != 0 || !named(call)) return GO_ON;
    long number = atomic_fetch_add(&counted, 1) + 1;
    if (!at || !how || (number != at && !(lasting && number > at))) return GO_ON;
    char line[PATH_MAX + 64];
    int bytes = snprintf(line, sizeof line, "fault %s %s\n", call, path + length);
    if (!atomic_exchange(&struck, 1)) {
        REAL(write);
        if (real(1, line, bytes) < 0) _exit(99);
    }
    if (!strcmp(how, "torn")) return TEAR;
    if (!strcmp(how, "kill")) { kill(getpid(), SIGKILL); pause(); }
    while (!strcmp(how, "hang")) pause();
    errno = atoi(how);
    return FAIL;
}

static int strike_fd(const char *call, int fd) {
    char link[64], path[PATH_MAX];
    if (!under) return GO_ON;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t bytes = readlink(link, path, sizeof path - 1);
    if (bytes < 0) return GO_ON;
    path[bytes] = 0;
    return strike(call, path);
}

static void die(void) { kill(getpid(), SIGKILL); pause(); }

#define ON_FD(ret, name, args, fd, pass) \
    ret name args { \
        REAL(name); \
        int fate = strike_fd(#name, fd); \
        if (fate == TEAR) die(); \
        return fate == FAIL ? (ret)-1 : real pass; \
    }
#define ON_PATH(ret, name, args, path, pass) \
    ret name args { \
        REAL(name); \
        int fate = strike(#name, path); \
        if (fate == TEAR) die(); \
        return fate == FAIL ? (ret)-1 : real pass; \
    }
#define WRITES(name, args, fd, pass, half) \
    ssize_t name args { \
        REAL(name); \
        int fate = strike_fd(#name, fd); \
        if (fate == TEAR) { if (real half < 0) _exit(99); die(); } \
        return fate == FAIL ? -1 : real pass; \
    }

WRITES(write, (int fd, const void *b, size_t n), fd, (fd, b, n), (fd, b, n / 2))
WRITES(pwrite, (int fd, const void *b, size_t n, off_t o), fd, (fd, b, n, o), (fd, b, n / 2, o))
WRITES(pwrite64, (int fd, const void *b, size_t n, off64_t o), fd, (fd, b, n, o),
       (fd, b, n / 2, o))
ON_FD(ssize_t, writev, (int fd, const struct iovec *v, int n), fd, (fd, v, n))
ON_FD(int, fsync, (int fd), fd, (fd))
ON_FD(int, fdatasync, (int fd), fd, (fd))
ON_FD(int, sync_file_range, (int fd, off64_t o, off64_t n, unsigned int f), fd, (fd, o, n, f))
ON_FD(int, ftruncate, (int fd, off_t n), fd, (fd, n))
ON_FD(int, ftruncate64, (int fd, off64_t n), fd, (fd, n))
ON_FD(int, fallocate, (int fd, int m, off_t o, off_t n), fd, (fd, m, o, n))
ON_FD(int, fallocate64, (int fd, int m, off64_t o, off64_t n), fd, (fd, m, o, n))
ON_FD(int, posix_fallocate64, (int fd, off64_t o, off64_t n), fd, (fd, o, n))
ON_PATH(int, rename, (const char *a, const char *b), a, (a, b))
ON_PATH(int, unlink, (const char *a), a, (a))
ON_PATH(int, unlinkat, (int d, const char *a, int f), a, (d, a, f))
ON_PATH(int, rmdir, (const char *a), a, (a))
ON_PATH(int, mkdir, (const char *a, mode_t m), a, (a, m))

// Opening counts only where it may make a file.
#define OPENS(name, args, path, flags, pass) \
    int name args { \
        REAL(name); \
        mode_t mode = 0; \
        if (flags & O_CREAT) { \
            va_list more; \
            va_start(more, flags); \
            mode = va_arg(more, mode_t); \
            va_end(more); \
            int fate = strike(#name, path); \
            if (fate == TEAR) die(); \
            if (fate == FAIL) return -1; \
        } \
        return real pass; \
    }
OPENS(open, (const char *p, int f, ...), p, f, (p, f, mode))
OPENS(open64, (const char *p, int f, ...), p, f, (p, f, mode))
OPENS(openat, (int d, const char *p, int f, ...), p, f, (d, p, f, mode))
OPENS(openat64, (int d, const char *p, int f, ...), p, f, (d, p, f, mode))
