/*
 * Stands in for icacls.exe, which wine ships as a stub: PATH /setowner *SID, and PATH /inheritance:r /grant:r *SID:(OI)(CI)F ...
 */
#include <windows.h>
#include <aclapi.h>
#include <sddl.h>
#include <stdio.h>
#include <string.h>

static int failed(const char *what, DWORD code)
{
    fprintf(stderr, "%s: error %lu\n", what, code);
    return (int)code;
}

static PSID sid_of(const char *text, size_t length)
{
    char copy[200];
    PSID sid = NULL;
    snprintf(copy, sizeof copy, "%.*s", (int)length, text);
    return ConvertStringSidToSidA(copy, &sid) ? sid : NULL;
}

int main(int argc, char **argv)
{
    char acl_memory[1024];
    ACL *acl = (ACL *)acl_memory;
    if (argc == 4 && strcmp(argv[2], "/setowner") == 0) {
        PSID owner = sid_of(argv[3] + 1, strlen(argv[3] + 1));
        DWORD code = SetNamedSecurityInfoA(argv[1], SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION, owner, NULL, NULL, NULL);
        return code == 0 ? 0 : failed("/setowner", code);
    }
    if (argc < 5 || strcmp(argv[2], "/inheritance:r") != 0 || strcmp(argv[3], "/grant:r") != 0) return 87;
    InitializeAcl(acl, sizeof acl_memory, ACL_REVISION);
    for (int i = 4; i < argc; i++) {
        char *colon = strchr(argv[i], ':');
        if (argv[i][0] != '*' || colon == NULL || strcmp(colon, ":(OI)(CI)F") != 0) return 87;
        AddAccessAllowedAceEx(acl, ACL_REVISION, OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE, FILE_ALL_ACCESS,
                              sid_of(argv[i] + 1, colon - argv[i] - 1));
    }
    DWORD code = SetNamedSecurityInfoA(argv[1], SE_FILE_OBJECT, DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION, NULL, NULL, acl, NULL);
    return code == 0 ? 0 : failed("/grant", code);
}
