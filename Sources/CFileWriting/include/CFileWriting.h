#ifndef C_FILE_WRITING_H
#define C_FILE_WRITING_H

#include <sys/types.h>

/// Opens a new file in a directory that has no name there, so that it vanishes with the process
/// unless it is given one.
///
/// The mode is subject to the umask. Returns -1 where the file system has no such files, or where
/// it cannot be made; errno says why.
int softmax_audit_open_unnamed(const char *directory, mode_t mode);

/// Gives an unnamed file a name; returns 0, or -1 and errno.
int softmax_audit_name_file(int file, const char *path);

/// Removes a file when SIGHUP, SIGINT or SIGTERM ends this process, until it is kept.
///
/// Signals that the program handles or ignores already are left as they are. There is room for 256
/// files at a time and for paths of at most 4095 bytes; more are not removed. Returns the number of
/// the place, -1 where there is none.
int softmax_audit_remove_at_end(const char *path);

/// Gives a place back: the file is gone, or complete.
void softmax_audit_keep(int place);

#endif
