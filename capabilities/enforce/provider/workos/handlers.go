package workos

// handlers says who answers which operation.
func handlers() map[string]handler {
	return map[string]handler{
		"UserlandSessionsController_authenticate":              {do: authenticate},
		"DataIntegrationsController_getUserlandUserToken":      {do: getToken},
		"ApiKeysController_validateApiKey":                     {do: validateKey},
		"ApiKeysController_expire":                             {do: expireKey},
		"UserApiKeysController_create":                         {do: createKey},
		"UserApiKeysController_list":                           {do: listKeys},
		"AuthorizationController_check":                        {do: checkPermission, outside: true},
		"AuditLogEventsController_create":                      {do: createAuditEvent},
		"AuditLogValidatorVersionsController_create":           {do: createAuditSchema},
		"EventsController_list":                                {do: listEvents},
		"OrganizationsController_create":                       {do: createOrganization},
		"OrganizationsController_deleteOrganization":           {do: deleteOrganization},
		"PortalSessionsController_create":                      {do: createPortalLink},
		"ConnectionsController_list":                           {do: listConnections},
		"DirectoriesController_list":                           {do: listDirectories},
		"DirectoryUsersController_list":                        {do: listDirectoryUsers},
		"RadarStandaloneController_assess":                     {do: assess},
		"JumpWireWeb.DataVaultController.create":               {do: createSecret},
		"JumpWireWeb.DataVaultController.show_by_id":           {do: showSecret},
		"JumpWireWeb.DataVaultController.show_by_name":         {do: showSecretByName},
		"JumpWireWeb.DataVaultController.update":               {do: updateSecret},
		"JumpWireWeb.DataVaultController.delete":               {do: deleteSecret},
		"WebhookEndpointsController_create":                    {do: createWebhook},
		"WebhookEndpointsController_list":                      {do: listWebhooks},
		"WebhookEndpointsController_delete":                    {do: deleteWebhook},
		"ApplicationsController_create":                        {do: createApplication},
		"ApplicationsController_delete":                        {do: deleteApplication},
		"ApplicationCredentialsController_create":              {do: createClientSecret},
		"ApplicationCredentialsController_delete":              {do: deleteClientSecret},
		"UserlandUserOrganizationMembershipsController_list":   {do: listMembers},
		"UserlandUserOrganizationMembershipsController_update": {do: updateMember},
	}
}
