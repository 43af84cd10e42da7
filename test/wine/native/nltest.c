/* Stands in for nltest.exe, which wine does not have: C:\nltest.txt holds the status of the secure channel; without it there is no domain. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    int status;
    FILE *file = fopen("C:\\nltest.txt", "r");
    if (argc != 2) return 87;
    if (file == NULL || fscanf(file, "%d", &status) != 1) {
        printf("Getting DC name failed: Status = 1355 0x54b ERROR_NO_SUCH_DOMAIN\n");
        return 1355;
    }
    if (strcmp(argv[1], "/dsgetdc:") == 0) {
        printf("           DC: \\\\dc-01.exlab.example\nThe command completed successfully\n");
        return 0;
    }
    if (strcmp(argv[1], "/sc_query:exlab.example") != 0) return 87;
    printf("Flags: 0\nTrusted DC Name \\\\dc-01.exlab.example\nTrusted DC Connection Status Status = %d 0x%x\n", status, status);
    printf("The command completed successfully\n");
    return 0;
}
