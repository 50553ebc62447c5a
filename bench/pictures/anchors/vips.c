// The libvips candidate: FILE COUNT. Prints the least CPU time of a picture in microseconds and the growth of the process in kilobytes.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <vips/vips.h>

static long cpu_micros(void) {
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000L + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

static long process_size(const char *field) {
	char line[256];
	long size = 0;
	FILE *status = fopen("/proc/self/status", "r");
	while (status && fgets(line, sizeof line, status))
		if (!strncmp(line, field, strlen(field)))
			size = atol(line + strlen(field));
	if (status)
		fclose(status);
	return size;
}

static int normalize(void *src, size_t size) {
	VipsImage *image = NULL;
	void *out = NULL;
	size_t out_size;
	if (vips_thumbnail_buffer(src, size, &image, 640, "height", 640, "crop", VIPS_INTERESTING_CENTRE, NULL))
		return -1;
	int failed = vips_jpegsave_buffer(image, &out, &out_size, "Q", 80, "strip", TRUE, NULL);
	g_object_unref(image);
	g_free(out);
	return failed;
}

int main(int argc, char **argv) {
	gchar *src;
	gsize size;
	if (argc < 3 || VIPS_INIT(argv[0]) || !g_file_get_contents(argv[1], &src, &size, NULL))
		return 1;
	vips_concurrency_set(1);
	vips_cache_set_max(0);
	long before = process_size("VmRSS:"), least = 1L << 40;
	for (int i = atoi(argv[2]); i > 0; i--) {
		long start = cpu_micros();
		if (normalize(src, size))
			vips_error_exit(NULL);
		long took = cpu_micros() - start;
		if (took < least)
			least = took;
	}
	printf("%ld %ld\n", least, process_size("VmHWM:") - before);
	return 0;
}
